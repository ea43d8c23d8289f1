{%- if package_type == "image" %}

output "repository_url" {
  description = "URL of the repository for the container image"
  value       = aws_ecr_repository.program.repository_url
}
{%- endif %}
