variable "name" {
  description = "Name of the application: the names of its resources are this, or begin with it"
  type        = string
  default     = "{{ project-name }}"
}

variable "region" {
  description = "AWS region; by default, that of the AWS configuration"
  type        = string
  default     = null
}
{%- if package_type == "image" %}

variable "image_tag" {
  description = "Tag of the container image in the repository"
  type        = string
  default     = "latest"
}
{%- endif %}
