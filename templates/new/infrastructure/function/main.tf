# A function that runs this project's program, with its role and its log.
{%- if package_type == "zip" %}

locals {
  # `scaffold package` writes it.
  zip = "${path.module}/../../target/lambda/{{ project-name }}/bootstrap.zip"
}
{%- endif %}

data "aws_partition" "current" {}

resource "aws_lambda_function" "function" {
  function_name = var.name
  role          = aws_iam_role.function.arn
{%- if package_type == "image" %}
  package_type  = "Image"
  image_uri     = var.image_uri
{%- else %}
  runtime       = "provided.al2023"
  handler       = var.handler
{%- endif %}
  architectures = ["{{ architecture }}"]
  memory_size   = {{ memory }}
  timeout       = {{ timeout }}
{%- if package_type == "image" %}

  image_config {
    command = [var.handler]
  }
{%- else %}

  filename         = local.zip
  source_code_hash = filebase64sha256(local.zip)
{%- endif %}
{%- if tracing == "yes" %}

  tracing_config {
    mode = "Active"
  }
{%- endif %}

  logging_config {
    log_format = "{% if json_logs == "yes" %}JSON{% else %}Text{% endif %}"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  depends_on = [aws_iam_role_policy_attachment.logs]
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 30
}

resource "aws_iam_role" "function" {
  name = var.name

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.function.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}
{%- if tracing == "yes" %}

resource "aws_iam_role_policy_attachment" "tracing" {
  role       = aws_iam_role.function.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AWSXrayWriteOnlyAccess"
}
{%- endif %}
