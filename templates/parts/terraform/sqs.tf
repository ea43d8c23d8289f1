module "ship" {
{% include "terraform/function.tf" %}

resource "aws_lambda_event_source_mapping" "ship" {
  function_name           = module.ship.name
  event_source_arn        = aws_sqs_queue.order_queue.arn
  function_response_types = ["ReportBatchItemFailures"]

  depends_on = [aws_iam_role_policy_attachment.source]
}

resource "aws_sqs_queue" "order_queue" {
  name = "${var.name}-orders"
  # Six times the function's timeout, so that Lambda can try again if it has too many invocations.
  visibility_timeout_seconds = {{ timeout | times: 6 }}

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter_queue.arn
    maxReceiveCount     = 3
  })
}

# Messages that failed three times.
resource "aws_sqs_queue" "dead_letter_queue" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 1209600 # 14 days
}

resource "aws_iam_role_policy_attachment" "source" {
  role       = module.ship.role
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
}

data "aws_partition" "current" {}
{% include "terraform/application-insights.tf" %}
