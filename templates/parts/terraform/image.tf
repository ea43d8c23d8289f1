{%- if package_type == "image" %}

# The repository is created first: see README.md.
resource "aws_ecr_repository" "program" {
  name         = var.name
  force_delete = true
}

data "aws_ecr_image" "program" {
  repository_name = aws_ecr_repository.program.name
  image_tag       = var.image_tag
}
{%- endif %}
