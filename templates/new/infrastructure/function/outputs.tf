output "name" {
  description = "Name of the function"
  value       = aws_lambda_function.function.function_name
}

output "arn" {
  description = "ARN of the function"
  value       = aws_lambda_function.function.arn
}

output "invoke_arn" {
  description = "ARN with which API Gateway invokes the function"
  value       = aws_lambda_function.function.invoke_arn
}

output "role" {
  description = "Name of the function's execution role"
  value       = aws_iam_role.function.name
}

output "log_group" {
  description = "Name of the function's log group"
  value       = aws_cloudwatch_log_group.function.name
}
