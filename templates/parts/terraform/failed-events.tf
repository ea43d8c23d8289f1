# An event that fails is tried again, twice at most.
resource "aws_lambda_function_event_invoke_config" "{{ function }}" {
  function_name          = module.{{ function }}.name
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
  role = module.{{ function }}.role

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = aws_sqs_queue.failed_events.arn
    }]
  })
}
