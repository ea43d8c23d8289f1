module "index" {
{% include "terraform/function.tf" %}

resource "aws_s3_bucket" "uploads" {
  bucket_prefix = "uploads-"
}

resource "aws_s3_bucket_notification" "index" {
  bucket = aws_s3_bucket.uploads.id

  lambda_function {
    lambda_function_arn = module.index.arn
    events              = ["s3:ObjectCreated:*"]
  }

  depends_on = [aws_lambda_permission.uploads]
}

data "aws_caller_identity" "current" {}

resource "aws_lambda_permission" "uploads" {
  function_name  = module.index.name
  action         = "lambda:InvokeFunction"
  principal      = "s3.amazonaws.com"
  source_account = data.aws_caller_identity.current.account_id
  source_arn     = aws_s3_bucket.uploads.arn
}

# An event that fails is tried again, twice at most.
resource "aws_lambda_function_event_invoke_config" "index" {
  function_name          = module.index.name
  maximum_retry_attempts = 2

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failed_events.arn
    }
  }

  depends_on = [aws_iam_role_policy.failures]
}

# Events that failed three times, with their errors.
resource "aws_sqs_queue" "failed_events" {
  name                      = "${var.name}-failed-events"
  message_retention_seconds = 1209600 # 14 days
}

resource "aws_iam_role_policy" "failures" {
  role = module.index.role

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = aws_sqs_queue.failed_events.arn
    }]
  })
}
{% include "terraform/application-insights.tf" %}
