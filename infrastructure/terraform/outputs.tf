output "load_balancer" {
  description = "Where the name of Elder points to."
  value       = aws_lb.this.dns_name
}

output "database" {
  description = "The address of PostgreSQL."
  value       = aws_db_instance.this.address
}

output "database_superuser_secret" {
  description = "The secret with the password of elder_superuser, for making the roles once."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "redis" {
  description = "The address of Redis, if there is one."
  value       = one(aws_elasticache_replication_group.this[*].primary_endpoint_address)
}

output "secrets" {
  description = "The secrets that wait for their values."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.name }
}

output "migrate" {
  description = "How the database is migrated, before the nodes of a new version."
  value = join(" ", [
    "aws ecs run-task --cluster ${aws_ecs_cluster.this.name} --launch-type FARGATE",
    "--task-definition ${aws_ecs_task_definition.this["migrate"].family}",
    "--network-configuration 'awsvpcConfiguration={subnets=[${join(",", local.private)}],securityGroups=[${aws_security_group.this["elder"].id}]}'",
  ])
}

output "cluster" {
  description = "The cluster of the nodes."
  value       = aws_ecs_cluster.this.name
}

output "service" {
  description = "The service of the nodes."
  value       = aws_ecs_service.this.name
}
