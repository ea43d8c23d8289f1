{%- if package_type == "image" %}
  source    = "./function"
  name      = var.name
  image_uri = data.aws_ecr_image.program.image_uri
{%- else %}
  source = "./function"
  name   = var.name
{%- endif %}
}
{% include "terraform/image.tf" %}
