# A VPC of its own, or one that is there. Elder and its databases have no public address; the load balancer alone has.
data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  makes_vpc = var.existing_vpc == null
  zones     = slice(data.aws_availability_zones.available.names, 0, var.zones)
  vpc_id    = local.makes_vpc ? aws_vpc.this[0].id : var.existing_vpc.id
  public    = local.makes_vpc ? aws_subnet.public[*].id : var.existing_vpc.public_subnet_ids
  private   = local.makes_vpc ? aws_subnet.private[*].id : var.existing_vpc.private_subnet_ids
  gateways  = !local.makes_vpc ? 0 : var.single_nat_gateway ? 1 : var.zones
}

resource "aws_vpc" "this" {
  count                = local.makes_vpc ? 1 : 0
  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

# What AWS would allow by default is closed.
resource "aws_default_security_group" "closed" {
  count  = local.makes_vpc ? 1 : 0
  vpc_id = aws_vpc.this[0].id
}

resource "aws_internet_gateway" "this" {
  count  = local.makes_vpc ? 1 : 0
  vpc_id = aws_vpc.this[0].id
  tags   = { Name = var.name }
}

resource "aws_subnet" "public" {
  count             = local.makes_vpc ? var.zones : 0
  vpc_id            = aws_vpc.this[0].id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(var.vpc_cidr, 6, count.index)
  tags              = { Name = "${var.name}-public-${local.zones[count.index]}" }
}

resource "aws_subnet" "private" {
  count             = local.makes_vpc ? var.zones : 0
  vpc_id            = aws_vpc.this[0].id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, count.index + 4)
  tags              = { Name = "${var.name}-private-${local.zones[count.index]}" }
}

resource "aws_eip" "nat" {
  count  = local.gateways
  domain = "vpc"
  tags   = { Name = "${var.name}-nat-${count.index}" }
}

# Elder calls mail servers and the identity providers of its tenants.
resource "aws_nat_gateway" "this" {
  count         = local.gateways
  allocation_id = aws_eip.nat[count.index].id
  subnet_id     = aws_subnet.public[count.index].id
  tags          = { Name = "${var.name}-${count.index}" }
  depends_on    = [aws_internet_gateway.this]
}

resource "aws_route_table" "public" {
  count  = local.makes_vpc ? 1 : 0
  vpc_id = aws_vpc.this[0].id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this[0].id
  }
  tags = { Name = "${var.name}-public" }
}

resource "aws_route_table" "private" {
  count  = local.makes_vpc ? var.zones : 0
  vpc_id = aws_vpc.this[0].id
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.this[var.single_nat_gateway ? 0 : count.index].id
  }
  tags = { Name = "${var.name}-private-${count.index}" }
}

resource "aws_route_table_association" "public" {
  count          = local.makes_vpc ? var.zones : 0
  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public[0].id
}

resource "aws_route_table_association" "private" {
  count          = local.makes_vpc ? var.zones : 0
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[count.index].id
}

# The addresses of the load balancer, whose word on who calls is believed.
data "aws_subnet" "public" {
  count = local.makes_vpc ? 0 : length(var.existing_vpc.public_subnet_ids)
  id    = var.existing_vpc.public_subnet_ids[count.index]
}

locals {
  proxy_cidrs = local.makes_vpc ? aws_subnet.public[*].cidr_block : data.aws_subnet.public[*].cidr_block
}
