output "function_arn" {
  description = "ARN of the function"
  value       = module.upper_case.arn
}

output "log_group" {
  description = "Name of the log group"
  value       = module.upper_case.log_group
}
{% include "terraform/image-output.tf" %}
