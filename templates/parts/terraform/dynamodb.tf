module "watch" {
{% include "terraform/function.tf" %}

resource "aws_lambda_event_source_mapping" "watch" {
  function_name           = module.watch.name
  event_source_arn        = aws_dynamodb_table.stock.stream_arn
  starting_position       = "TRIM_HORIZON"
  function_response_types = ["ReportBatchItemFailures"]
  # A record that fails is tried again, three times at most, and those after it wait.
  maximum_retry_attempts = 3

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.failed_records.arn
    }
  }

  depends_on = [aws_iam_role_policy_attachment.source, aws_iam_role_policy.failures]
}

resource "aws_dynamodb_table" "stock" {
  name             = "${var.name}-stock"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "id"
    type = "S"
  }
}

# Where to find the records that failed: their shard and sequence numbers.
resource "aws_sqs_queue" "failed_records" {
  name                      = "${var.name}-failed-records"
  message_retention_seconds = 1209600 # 14 days
}

resource "aws_iam_role_policy_attachment" "source" {
  role       = module.watch.role
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole"
}

data "aws_partition" "current" {}

resource "aws_iam_role_policy" "failures" {
  role = module.watch.role

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = aws_sqs_queue.failed_records.arn
    }]
  })
}
{% include "terraform/application-insights.tf" %}
