{% if source == "sqs" -%}
{% include "terraform/sqs.tf" %}
{%- elsif source == "kinesis" -%}
{% include "terraform/kinesis.tf" %}
{%- elsif source == "dynamodb" -%}
{% include "terraform/dynamodb.tf" %}
{%- elsif source == "sns" -%}
{% include "terraform/sns.tf" %}
{%- elsif source == "s3" -%}
{% include "terraform/s3.tf" %}
{%- elsif source == "eventbridge" -%}
{% include "terraform/eventbridge.tf" %}
{%- elsif source == "schedule" -%}
{% include "terraform/schedule.tf" %}
{%- endif %}
