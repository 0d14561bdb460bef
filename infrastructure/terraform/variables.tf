variable "region" {
  description = "The region of everything but what AWS keeps worldwide."
  type        = string
}

variable "name" {
  description = "What the names of all resources begin with."
  type        = string
  default     = "elder"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}$", var.name))
    error_message = "Use 2 to 19 lower case letters, digits and hyphens, beginning with a letter."
  }
}

variable "tags" {
  description = "Further tags of every resource."
  type        = map(string)
  default     = {}
}

# --- The network --------------------------------------------------------------------------------------------------

variable "existing_vpc" {
  description = "A VPC that is there, with two or more subnets of each kind in different zones. Without it, one is made."
  type = object({
    id                 = string
    public_subnet_ids  = list(string)
    private_subnet_ids = list(string)
  })
  default = null
  validation {
    condition = var.existing_vpc == null ? true : (
      length(var.existing_vpc.public_subnet_ids) >= 2 && length(var.existing_vpc.private_subnet_ids) >= 2
    )
    error_message = "A load balancer and a database in several zones need two subnets of each kind."
  }
}

variable "vpc_cidr" {
  description = "The addresses of the VPC that is made."
  type        = string
  default     = "10.40.0.0/16"
}

variable "zones" {
  description = "How many zones the VPC that is made spans."
  type        = number
  default     = 3
  validation {
    condition     = var.zones >= 2 && var.zones <= 4
    error_message = "Two to four."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones: cheaper, and calls to providers and mail end with its zone."
  type        = bool
  default     = false
}

variable "allowed_cidrs" {
  description = "Who reaches Elder. There is no default: [\"0.0.0.0/0\"] is a decision."
  type        = list(string)
  validation {
    condition     = length(var.allowed_cidrs) > 0 && alltrue([for cidr in var.allowed_cidrs : can(cidrhost(cidr, 0))])
    error_message = "Name at least one network, such as 203.0.113.0/24."
  }
}

variable "operator_cidrs" {
  description = "Who reaches the routes over all tenants (/api/v2/global). The whole internet is refused."
  type        = list(string)
  validation {
    condition = length(var.operator_cidrs) > 0 && alltrue([
      for cidr in var.operator_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")
    ])
    error_message = "Name the networks of those who run the platform; none of them may be the whole internet."
  }
}

# --- How it is reached --------------------------------------------------------------------------------------------

variable "domain" {
  description = "The name by which clients reach Elder: id.example.com."
  type        = string
}

variable "certificate_arn" {
  description = "A certificate of ACM for that name, in this region."
  type        = string
}

variable "zone_id" {
  description = "The zone of Route 53 that gets the name. Empty: you point the name at the load balancer."
  type        = string
  default     = ""
}

variable "requests_per_address" {
  description = "Requests from one address within five minutes beyond which the firewall refuses it. Companies share addresses."
  type        = number
  default     = 10000
}

variable "access_log_bucket" {
  description = "A bucket for the load balancer's log. Empty: none is kept."
  type        = string
  default     = ""
}

# --- Elder --------------------------------------------------------------------------------------------------------

variable "image" {
  description = "The image, by its digest, so that what was tested is what runs."
  type        = string
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name it as repository@sha256:digest."
  }
}

variable "nodes" {
  description = "Nodes at least and at most. Begin with 0 and 0 until the secrets have values (README.md)."
  type        = object({ least = number, most = number })
  default     = { least = 2, most = 6 }
  validation {
    condition     = var.nodes.least <= var.nodes.most
    error_message = "The least is more than the most."
  }
}

variable "cpu" {
  description = "Units of processor of a node; 1024 is one core."
  type        = number
  default     = 1024
}

variable "memory" {
  description = "Memory of a node in MiB."
  type        = number
  default     = 2048
}

variable "settings" {
  description = "Further settings as variables: config/elder.toml names them. No secrets: they would stand in the state."
  type        = map(string)
  default     = {}
}

# --- PostgreSQL and Redis -----------------------------------------------------------------------------------------

variable "database" {
  description = "The size of PostgreSQL, and for how many days it can be gone back."
  type = object({
    instance_class     = optional(string, "db.m7g.large")
    engine_version     = optional(string, "17")
    storage_gib        = optional(number, 50)
    most_storage_gib   = optional(number, 500)
    backup_days        = optional(number, 28)
    read_replica       = optional(bool, false)
    deletion_protected = optional(bool, true)
  })
  default = {}
}

variable "redis_node_type" {
  description = "The size of Redis, which counts requests and holds nothing else. Empty: each node counts for itself."
  type        = string
  default     = "cache.t4g.small"
}

variable "redis_token" {
  description = "The password of Redis, 32 or more letters and digits. It stands in the state."
  type        = string
  sensitive   = true
  default     = ""
  validation {
    condition     = var.redis_token == "" || can(regex("^[A-Za-z0-9]{32,128}$", var.redis_token))
    error_message = "Use 32 to 128 letters and digits."
  }
}

variable "alarm_topic_arn" {
  description = "A topic of SNS that is told of alarms. Empty: nobody is told."
  type        = string
  default     = ""
}

variable "log_days" {
  description = "For how many days logs are kept."
  type        = number
  default     = 90
}
