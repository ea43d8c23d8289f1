import { App } from "aws-cdk-lib";
import { ApplicationStack } from "../lib/stack";

const app = new App();
// Without an account and a region, the stack goes where the AWS credentials and the region point.
new ApplicationStack(app, "{{ project-name | replace: "_", "-" }}", {
  description: "{{ project-name }}, in Rust",
});
