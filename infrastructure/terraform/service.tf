# The nodes on Fargate. The task that migrates is another one, for it alone may read the owner's URL.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/elder"
  retention_in_days = var.log_days
}

resource "aws_ecs_cluster" "this" {
  name = var.name
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

# One role for each task, which reads the secrets of that task and no others.
locals {
  secrets = {
    serve   = [for name in keys(aws_secretsmanager_secret.this) : name if name != "owner_url"]
    migrate = ["app_url", "platform_url", "owner_url"]
  }
  variables = {
    app_url      = "DATABASE_URL"
    platform_url = "ELDER_DATABASE__PLATFORM_URL"
    owner_url    = "ELDER_DATABASE__OWNER_URL"
    master_key   = "ELDER_SECRETS__MASTER_KEY"
    redis_url    = "REDIS_URL"
  }
  settings = merge({
    ELDER_DATA_DIR                       = "/var/lib/elder"
    ELDER_HTTP__BIND                     = "0.0.0.0:8080"
    ELDER_HTTP__ADMIN_BIND               = "127.0.0.1:9091"
    ELDER_HTTP__PUBLIC_URL               = "https://${var.domain}"
    ELDER_HTTP__TRUSTED_PROXIES          = join(",", local.proxy_cidrs)
    ELDER_HTTP__SHUTDOWN_TIMEOUT_SECONDS = "30"
    ELDER_DATABASE__MIGRATE_ON_START     = "false"
    ELDER_LOG__FORMAT                    = "json"
  }, var.settings)
}

resource "aws_iam_role" "execution" {
  for_each           = local.secrets
  name               = "${var.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

data "aws_iam_policy_document" "execution" {
  for_each = local.secrets
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [for name in each.value : aws_secretsmanager_secret.this[name].arn]
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.this.arn]
  }
}

resource "aws_iam_role_policy" "execution" {
  for_each = local.secrets
  name     = "secrets"
  role     = aws_iam_role.execution[each.key].id
  policy   = data.aws_iam_policy_document.execution[each.key].json
}

resource "aws_iam_role_policy_attachment" "execution" {
  for_each   = local.secrets
  role       = aws_iam_role.execution[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_ecs_task_definition" "this" {
  for_each                 = local.secrets
  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution[each.key].arn

  # What Elder writes: nothing that must last. Mails wait in the database.
  volume { name = "data" }
  volume { name = "tmp" }

  container_definitions = jsonencode([{
    name                   = "elder"
    image                  = var.image
    command                = [each.key]
    essential              = true
    user                   = "10001"
    readonlyRootFilesystem = true
    stopTimeout            = 60
    linuxParameters        = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
    portMappings           = each.key == "serve" ? [{ containerPort = 8080, protocol = "tcp" }] : []
    environment            = [for name, value in local.settings : { name = name, value = value }]
    secrets                = [for name in each.value : { name = local.variables[name], valueFrom = aws_secretsmanager_secret.this[name].arn }]
    mountPoints = [
      { sourceVolume = "data", containerPath = "/var/lib/elder", readOnly = false },
      { sourceVolume = "tmp", containerPath = "/tmp", readOnly = false },
    ]
    healthCheck = each.key == "serve" ? {
      command     = ["CMD", "curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/livez"]
      interval    = 10
      timeout     = 3
      retries     = 3
      startPeriod = 30
    } : null
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = var.region
        awslogs-stream-prefix = each.key
      }
    }
  }])
}

resource "aws_ecs_service" "this" {
  name                              = var.name
  cluster                           = aws_ecs_cluster.this.id
  task_definition                   = aws_ecs_task_definition.this["serve"].arn
  desired_count                     = var.nodes.least
  launch_type                       = "FARGATE"
  health_check_grace_period_seconds = 60
  propagate_tags                    = "SERVICE"

  # The new nodes are there before the old ones go; if they do not become ready, the old ones stay.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = local.private
    security_groups  = [aws_security_group.this["elder"].id]
    assign_public_ip = false
  }
  load_balancer {
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = "elder"
    container_port   = 8080
  }
  lifecycle {
    ignore_changes = [desired_count]
  }
  depends_on = [aws_lb_listener.https]
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.this.name}"
  min_capacity       = var.nodes.least
  max_capacity       = var.nodes.most
}

resource "aws_appautoscaling_policy" "this" {
  name               = "${var.name}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  resource_id        = aws_appautoscaling_target.this.resource_id
  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_in_cooldown  = 600
    scale_out_cooldown = 60
    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
