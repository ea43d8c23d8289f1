variable "name" {
  description = "Name of the function"
  type        = string
}

variable "handler" {
  description = "Name of the handler, if the program has several"
  type        = string
  default     = "bootstrap"
}
{%- if package_type == "image" %}

variable "image_uri" {
  description = "Container image, with its digest"
  type        = string
}
{%- endif %}
