{% assign function = "index" -%}
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

{% include "terraform/failed-events.tf" %}
{% include "terraform/application-insights.tf" %}
