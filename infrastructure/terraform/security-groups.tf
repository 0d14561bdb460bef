# Who may speak to whom: the world to the load balancer, that to Elder, and Elder to its databases.
locals {
  groups = {
    edge     = "The load balancer"
    elder    = "The nodes of Elder"
    database = "PostgreSQL"
    redis    = "Redis"
  }
}

resource "aws_security_group" "this" {
  for_each    = local.groups
  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = local.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "edge" {
  for_each = { for pair in setproduct(var.allowed_cidrs, [80, 443]) : "${pair[0]}-${pair[1]}" => pair }

  security_group_id = aws_security_group.this["edge"].id
  description       = each.value[1] == 80 ? "Sent on to https" : "https"
  cidr_ipv4         = each.value[0]
  from_port         = each.value[1]
  to_port           = each.value[1]
  ip_protocol       = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "edge" {
  security_group_id            = aws_security_group.this["edge"].id
  description                  = "To the nodes alone"
  referenced_security_group_id = aws_security_group.this["elder"].id
  from_port                    = 8080
  to_port                      = 8080
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_ingress_rule" "elder" {
  security_group_id            = aws_security_group.this["elder"].id
  description                  = "From the load balancer alone"
  referenced_security_group_id = aws_security_group.this["edge"].id
  from_port                    = 8080
  to_port                      = 8080
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "elder_to_world" {
  for_each = { https = 443, submission = 587, smtps = 465 }

  security_group_id = aws_security_group.this["elder"].id
  description       = "Identity providers, AWS, mail"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = each.value
  to_port           = each.value
  ip_protocol       = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "elder_to_store" {
  for_each = { database = 5432, redis = 6379 }

  security_group_id            = aws_security_group.this["elder"].id
  description                  = "Its own ${each.key}"
  referenced_security_group_id = aws_security_group.this[each.key].id
  from_port                    = each.value
  to_port                      = each.value
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_ingress_rule" "store" {
  for_each = { database = 5432, redis = 6379 }

  security_group_id            = aws_security_group.this[each.key].id
  description                  = "From the nodes alone"
  referenced_security_group_id = aws_security_group.this["elder"].id
  from_port                    = each.value
  to_port                      = each.value
  ip_protocol                  = "tcp"
}
