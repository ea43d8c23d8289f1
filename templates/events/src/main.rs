{% if source == "sqs" -%}
{% include "events/sqs.rs" %}
{%- elsif source == "kinesis" -%}
{% include "events/kinesis.rs" %}
{%- elsif source == "dynamodb" -%}
{% include "events/dynamodb.rs" %}
{%- elsif source == "sns" -%}
{% include "events/sns.rs" %}
{%- elsif source == "s3" -%}
{% include "events/s3.rs" %}
{%- elsif source == "eventbridge" -%}
{% include "events/eventbridge.rs" %}
{%- elsif source == "schedule" -%}
{% include "events/schedule.rs" %}
{%- endif %}
