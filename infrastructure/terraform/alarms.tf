# What AWS sees and Prometheus does not.
locals {
  told = var.alarm_topic_arn == "" ? [] : [var.alarm_topic_arn]
  alarms = {
    database-storage = {
      namespace  = "AWS/RDS", metric = "FreeStorageSpace", statistic = "Minimum"
      comparison = "LessThanThreshold", threshold = 5 * 1024 * 1024 * 1024
      dimensions = { DBInstanceIdentifier = aws_db_instance.this.identifier }
    }
    database-processor = {
      namespace  = "AWS/RDS", metric = "CPUUtilization", statistic = "Average"
      comparison = "GreaterThanThreshold", threshold = 80
      dimensions = { DBInstanceIdentifier = aws_db_instance.this.identifier }
    }
    nodes-not-ready = {
      namespace  = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Maximum"
      comparison = "GreaterThanThreshold", threshold = 0
      dimensions = { LoadBalancer = aws_lb.this.arn_suffix, TargetGroup = aws_lb_target_group.this.arn_suffix }
    }
    errors = {
      namespace  = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum"
      comparison = "GreaterThanThreshold", threshold = 50
      dimensions = { LoadBalancer = aws_lb.this.arn_suffix }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  dimensions          = each.value.dimensions
  period              = 60
  evaluation_periods  = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.told
  ok_actions          = local.told
}
