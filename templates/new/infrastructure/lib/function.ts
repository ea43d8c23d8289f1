import { join } from "node:path";
import { Duration, RemovalPolicy } from "aws-cdk-lib";
{%- if package_type == "image" %}
import { Platform } from "aws-cdk-lib/aws-ecr-assets";
{%- endif %}
import * as lambda from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

/** The settings of one function, beside those that all functions share. */
export interface NativeFunctionProps extends lambda.FunctionOptions {
  /** The name of the handler, if the program has several. */
  readonly handler?: string;
}

{% if package_type == "image" -%}
/** A function that runs this project's container image, which the stage `function` of the `Dockerfile` builds. */
export class NativeFunction extends lambda.DockerImageFunction {
{%- else -%}
/** A function that runs this project's executable, which `scaffold package` writes. */
export class NativeFunction extends lambda.Function {
{%- endif %}
  constructor(scope: Construct, id: string, props: NativeFunctionProps = {}) {
    const { handler = "bootstrap", ...options } = props;
    super(scope, id, {
{%- if package_type == "image" %}
      code: lambda.DockerImageCode.fromImageAsset(join(__dirname, "../.."), {
        target: "function",
        platform: Platform.{% if architecture == "arm64" %}LINUX_ARM64{% else %}LINUX_AMD64{% endif %},
        cmd: [handler],
      }),
{%- else %}
      runtime: lambda.Runtime.PROVIDED_AL2023,
      handler,
      code: lambda.Code.fromAsset(join(__dirname, "../../target/lambda/{{ project-name }}/bootstrap.zip")),
{%- endif %}
      architecture: lambda.Architecture.{% if architecture == "arm64" %}ARM_64{% else %}X86_64{% endif %},
      memorySize: {{ memory }},
      timeout: Duration.seconds({{ timeout }}),
{%- if tracing == "yes" %}
      tracing: lambda.Tracing.ACTIVE,
{%- endif %}
{%- if json_logs == "yes" %}
      loggingFormat: lambda.LoggingFormat.JSON,
{%- endif %}
      // Without a group of its own, the log stays forever, also after the stack is deleted.
      logGroup: new LogGroup(scope, `${id}Logs`, {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      ...options,
    });
  }
}
