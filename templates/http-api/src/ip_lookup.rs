{% include "ip_lookup.rs" %}
