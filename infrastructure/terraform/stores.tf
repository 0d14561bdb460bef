# PostgreSQL in two zones, and Redis. Both encrypted at rest and on the way.
resource "aws_kms_key" "this" {
  description             = "Elder: database, secrets, logs of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.id
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = local.private
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = "postgres${split(".", var.database.engine_version)[0]}"
  description = "Elder: TLS or nothing, and slow statements in the log"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }
  parameter {
    name  = "idle_in_transaction_session_timeout"
    value = "60000"
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.database.engine_version
  instance_class = var.database.instance_class
  db_name        = "elder"

  # AWS makes the superuser's password and keeps it in Secrets Manager: it is in no state.
  username                      = "elder_superuser"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = aws_kms_key.this.key_id

  storage_type          = "gp3"
  allocated_storage     = var.database.storage_gib
  max_allocated_storage = var.database.most_storage_gib
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.this.arn

  multi_az               = true
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this["database"].id]
  publicly_accessible    = false
  parameter_group_name   = aws_db_parameter_group.this.name

  backup_retention_period         = var.database.backup_days
  backup_window                   = "01:00-02:00"
  maintenance_window              = "sun:03:00-sun:04:00"
  auto_minor_version_upgrade      = true
  copy_tags_to_snapshot           = true
  deletion_protection             = var.database.deletion_protected
  skip_final_snapshot             = false
  final_snapshot_identifier       = "${var.name}-final"
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.this.arn
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
}

resource "aws_db_instance" "replica" {
  count                  = var.database.read_replica ? 1 : 0
  identifier             = "${var.name}-replica"
  replicate_source_db    = aws_db_instance.this.identifier
  instance_class         = var.database.instance_class
  vpc_security_group_ids = [aws_security_group.this["database"].id]
  publicly_accessible    = false
  storage_encrypted      = true
  parameter_group_name   = aws_db_parameter_group.this.name
  skip_final_snapshot    = true
}

resource "aws_elasticache_subnet_group" "this" {
  count      = var.redis_node_type == "" ? 0 : 1
  name       = var.name
  subnet_ids = local.private
}

resource "aws_elasticache_replication_group" "this" {
  count                      = var.redis_node_type == "" ? 0 : 1
  replication_group_id       = var.name
  description                = "Counts requests for Elder"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = var.redis_node_type
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
  subnet_group_name          = aws_elasticache_subnet_group.this[0].name
  security_group_ids         = [aws_security_group.this["redis"].id]
  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.this.arn
  transit_encryption_enabled = true
  auth_token                 = var.redis_token
  auto_minor_version_upgrade = true

  lifecycle {
    precondition {
      condition     = var.redis_token != ""
      error_message = "Redis needs redis_token; without Redis set redis_node_type to \"\"."
    }
  }
}

# Empty: who runs the platform fills them in (README.md), so that no state holds them.
resource "aws_secretsmanager_secret" "this" {
  for_each                = toset(concat(["app_url", "platform_url", "owner_url", "master_key"], var.redis_node_type == "" ? [] : ["redis_url"]))
  name                    = "${var.name}/${each.key}"
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = 30
}
