output "function_arn" {
  description = "ARN of the function"
{%- if source == "sqs" %}
  value       = module.ship.arn
{%- elsif source == "kinesis" %}
  value       = module.check.arn
{%- elsif source == "dynamodb" %}
  value       = module.watch.arn
{%- elsif source == "sns" %}
  value       = module.notify.arn
{%- elsif source == "s3" %}
  value       = module.index.arn
{%- elsif source == "eventbridge" %}
  value       = module.bill.arn
{%- elsif source == "schedule" %}
  value       = module.report.arn
{%- endif %}
}

output "log_group" {
  description = "Name of the log group"
{%- if source == "sqs" %}
  value       = module.ship.log_group
{%- elsif source == "kinesis" %}
  value       = module.check.log_group
{%- elsif source == "dynamodb" %}
  value       = module.watch.log_group
{%- elsif source == "sns" %}
  value       = module.notify.log_group
{%- elsif source == "s3" %}
  value       = module.index.log_group
{%- elsif source == "eventbridge" %}
  value       = module.bill.log_group
{%- elsif source == "schedule" %}
  value       = module.report.log_group
{%- endif %}
}
{%- if source == "sqs" %}

output "queue_url" {
  description = "URL of the queue"
  value       = aws_sqs_queue.order_queue.url
}

output "dead_letter_queue_url" {
  description = "URL of the queue of messages that failed"
  value       = aws_sqs_queue.dead_letter_queue.url
}
{%- elsif source == "kinesis" %}

output "stream_name" {
  description = "name of the stream"
  value       = aws_kinesis_stream.readings.name
}
{%- elsif source == "dynamodb" %}

output "table_name" {
  description = "name of the table"
  value       = aws_dynamodb_table.stock.name
}
{%- elsif source == "sns" %}

output "topic_arn" {
  description = "ARN of the topic"
  value       = aws_sns_topic.alerts.arn
}
{%- elsif source == "s3" %}

output "bucket_name" {
  description = "name of the bucket"
  value       = aws_s3_bucket.uploads.bucket
}
{%- endif %}
{%- if source == "kinesis" or source == "dynamodb" %}

output "failed_records_url" {
  description = "URL of the queue that names the records that failed"
  value       = aws_sqs_queue.failed_records.url
}
{%- elsif source != "sqs" %}

output "failed_events_url" {
  description = "URL of the queue of events that failed"
  value       = aws_sqs_queue.failed_events.url
}
{%- endif %}
{% include "terraform/image-output.tf" %}
