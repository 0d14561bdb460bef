# terraform test: plans with an AWS that is made up, so that no account is needed. It shows that the parts fit together
# and that what must not be given is refused.
mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_data "aws_subnet" {
    defaults = { cidr_block = "10.9.0.0/24" }
  }
}

variables {
  region          = "eu-central-1"
  allowed_cidrs   = ["203.0.113.0/24"]
  operator_cidrs  = ["198.51.100.0/24"]
  domain          = "id.example.com"
  certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
  image           = "ghcr.io/elder-platform/elder@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  redis_token     = "abcdefghijklmnopqrstuvwxyz0123456789"
}

run "a_vpc_of_its_own_keeps_everything_but_the_load_balancer_private" {
  command = plan
  assert {
    condition     = length(aws_subnet.private) == 3 && length(aws_nat_gateway.this) == 3
    error_message = "Each zone has a private subnet and a way out of its own."
  }
  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_db_instance.this.storage_encrypted && aws_db_instance.this.multi_az
    error_message = "PostgreSQL is private, encrypted and in two zones."
  }
  assert {
    condition     = !aws_ecs_service.this.network_configuration[0].assign_public_ip
    error_message = "A node has no public address."
  }
  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.edge : rule.cidr_ipv4 == "203.0.113.0/24"])
    error_message = "Only the networks that were named reach the load balancer."
  }
  assert {
    condition     = contains(local.secrets.migrate, "owner_url") && !contains(local.secrets.serve, "owner_url")
    error_message = "The nodes must not know the owner of the database."
  }
}

run "a_vpc_that_is_there_is_used_and_nothing_made_beside_it" {
  command = plan
  variables {
    existing_vpc = {
      id                 = "vpc-1"
      public_subnet_ids  = ["subnet-1", "subnet-2"]
      private_subnet_ids = ["subnet-3", "subnet-4"]
    }
  }
  assert {
    condition     = length(aws_vpc.this) == 0 && length(aws_nat_gateway.this) == 0 && length(aws_subnet.private) == 0
    error_message = "A network was made though one was named."
  }
  assert {
    condition     = tolist(aws_ecs_service.this.network_configuration[0].subnets) != null && local.proxy_cidrs[0] == "10.9.0.0/24"
    error_message = "The nodes are in the private subnets and believe the public ones."
  }
}

run "one_gateway_and_no_redis_are_possible" {
  command = plan
  variables {
    single_nat_gateway = true
    redis_node_type    = ""
    redis_token        = ""
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_elasticache_replication_group.this) == 0
    error_message = "One gateway, and no Redis."
  }
  assert {
    condition     = !contains(keys(aws_secretsmanager_secret.this), "redis_url")
    error_message = "A secret without a use was made."
  }
}

run "the_whole_internet_is_no_network_of_operators" {
  command = plan
  variables { operator_cidrs = ["0.0.0.0/0"] }
  expect_failures = [var.operator_cidrs]
}

run "nobody_is_let_in_by_default" {
  command = plan
  variables { allowed_cidrs = [] }
  expect_failures = [var.allowed_cidrs]
}

run "an_image_is_named_by_its_digest" {
  command = plan
  variables { image = "ghcr.io/elder-platform/elder:latest" }
  expect_failures = [var.image]
}

run "redis_without_a_password_is_refused" {
  command = plan
  variables { redis_token = "" }
  expect_failures = [aws_elasticache_replication_group.this]
}
