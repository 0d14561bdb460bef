#!/usr/bin/env bash
# Runs the task that migrates, waits for its end, and fails if it failed. In the folder of an initialised Terraform.
set -euo pipefail

read -r -a command <<<"$(terraform output -raw migrate | tr --delete "'")"
cluster=$(terraform output -raw cluster)
task=$("${command[@]}" --query 'tasks[0].taskArn' --output text)
aws ecs wait tasks-stopped --cluster "$cluster" --tasks "$task"
code=$(aws ecs describe-tasks --cluster "$cluster" --tasks "$task" --query 'tasks[0].containers[0].exitCode' --output text)
[[ $code == 0 ]] || { printf 'the migration ended with %s; its log is in CloudWatch under migrate/\n' "$code" >&2; exit 1; }
