# What this needs. Put the state where it is encrypted and locked: it holds no secret of Elder but the token of Redis.
#   terraform init -backend-config=bucket=... -backend-config=key=elder.tfstate -backend-config=region=...
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.84, < 6.0"
    }
  }
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = merge({ Application = var.name, ManagedBy = "terraform" }, var.tags)
  }
}
