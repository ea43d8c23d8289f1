{% if source == "sqs" -%}
{% include "cdk/sqs.ts" %}
{%- elsif source == "kinesis" -%}
{% include "cdk/kinesis.ts" %}
{%- elsif source == "dynamodb" -%}
{% include "cdk/dynamodb.ts" %}
{%- elsif source == "sns" -%}
{% include "cdk/sns.ts" %}
{%- elsif source == "s3" -%}
{% include "cdk/s3.ts" %}
{%- elsif source == "eventbridge" -%}
{% include "cdk/eventbridge.ts" %}
{%- elsif source == "schedule" -%}
{% include "cdk/schedule.ts" %}
{%- endif %}
