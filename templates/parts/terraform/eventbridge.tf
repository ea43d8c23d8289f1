module "bill" {
{% include "terraform/function.tf" %}

resource "aws_cloudwatch_event_rule" "bill" {
  name = "${var.name}-bill"

  event_pattern = jsonencode({
    source      = ["com.example.shop"]
    detail-type = ["Order placed"]
  })
}

resource "aws_cloudwatch_event_target" "bill" {
  rule = aws_cloudwatch_event_rule.bill.name
  arn  = module.bill.arn
}

resource "aws_lambda_permission" "bill" {
  function_name = module.bill.name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.bill.arn
}

# An event that fails is tried again, twice at most.
resource "aws_lambda_function_event_invoke_config" "bill" {
  function_name          = module.bill.name
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
  role = module.bill.role

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
