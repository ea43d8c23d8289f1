//! A small shop: several functions behind one API, all in this program. Lambda's setting `Handler`
//! says which of them it is.

{% if outbound == "yes" -%}
mod address;
mod catalogue;
mod check_ip;
{%- else -%}
mod catalogue;
{%- endif %}
mod items;
mod orders;

{% if outbound == "yes" -%}
lambda_native::main!(items::list, items::find, orders::place, address::look_up);
{%- else -%}
lambda_native::main!(items::list, items::find, orders::place);
{%- endif %}
