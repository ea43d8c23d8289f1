// Compares what AWS CDK and Terraform create with what AWS SAM creates, and prints the differences.
//
//   node compare.mjs FOLDER
//
// FOLDER has a folder for each kind of project, with the expanded template `sam.json` and the projects `cdk` and
// `terraform`. The tools are in the folder INFRASTRUCTURE_TOOLS.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import process from "node:process";

const tools = process.env.INFRASTRUCTURE_TOOLS;
const load = createRequire(join(tools, "index.js"));
const { parse } = load("@cdktn/hcl2json");
const { format } = load("@cdktn/hcl-tools");

const [root] = process.argv.slice(2);
let failed = false;

function fail(message) {
  failed = true;
  console.log(`error: ${message}`);
}

// One line for each thing that exists on AWS, from a template of CloudFormation.
function factsOfTemplate(template) {
  const { Resources: resources } = template;
  const facts = new Set();
  // AWS CDK adds a hash to the names of resources.
  const id = (name) => (name.startsWith("AWS::") ? name : name.replace(/[0-9A-F]{8}$/, ""));
  const text = (value) => {
    if (value === null || typeof value !== "object") return String(value ?? "");
    if (Array.isArray(value)) return value.map(text).join(", ");
    const [[name, argument]] = Object.entries(value);
    if (name === "Ref") return id(argument);
    if (name === "Fn::GetAtt") return id(Array.isArray(argument) ? argument[0] : argument.split(".")[0]);
    if (name === "Fn::Join") return argument[1].map(text).join(argument[0]);
    if (name === "Fn::Sub") {
      const source = Array.isArray(argument) ? argument[0] : argument;
      return source.replace(/\$\{([\w:]+)[\w.:]*\}/g, (_, name) => id(name.split(".")[0]));
    }
    return JSON.stringify(value);
  };
  const functions = Object.keys(resources).filter((name) => resources[name].Type === "AWS::Lambda::Function").map(id);
  const functionIn = (value) => functions.find((name) => text(value).includes(name));
  const owner = (role) => functions.find((name) => text(role).startsWith(name));
  const statements = (document, role) => {
    for (const { Action, Resource } of document.Statement) {
      for (const action of [Action].flat()) facts.add(`allow ${owner(role)}: ${action} on ${text(Resource)}`);
    }
  };
  const routesOf = (body, api) => {
    for (const [path, methods] of Object.entries(body.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const integration = operation["x-amazon-apigateway-integration"];
        const key = path.endsWith("$default") ? "$default" : `${method.toUpperCase()} ${path}`;
        const version = integration.payloadFormatVersion ?? "1.0";
        facts.add(`route of the ${api} API: ${key} → ${functionIn(integration.uri)}, payload ${version}`);
      }
    }
  };

  for (const [name, { Type, Properties: it = {} }] of Object.entries(resources)) {
    switch (Type) {
      case "AWS::Lambda::Function": {
        if (/^(CustomS3|BucketNotifications)/.test(name)) {
          facts.add("another function, which sets the notifications of the bucket");
          break;
        }
        // The command of the image is `bootstrap`.
        const isImage = it.PackageType === "Image";
        facts.add(
          functionFact(id(name), {
            package: isImage ? "image" : it.Runtime,
            handler: isImage ? text(it.ImageConfig?.Command) || "bootstrap" : it.Handler,
            architecture: text(it.Architectures),
            memory: it.MemorySize,
            timeout: it.Timeout,
            tracing: it.TracingConfig?.Mode,
            logs: it.LoggingConfig?.LogFormat,
          }),
        );
        break;
      }
      case "AWS::Lambda::Url":
        facts.add(`URL of ${text(it.TargetFunctionArn)}: ${it.AuthType}`);
        break;
      case "AWS::Lambda::Permission":
        if (JSON.stringify(it.SourceArn ?? "").includes("test-invoke-stage")) {
          facts.add(`permission for ${text(it.FunctionName)}: the console of API Gateway can test it`);
        } else {
          const service = text(it.Principal);
          facts.add(
            permissionFact(text(it.FunctionName), it.Action, service, {
              source: it.SourceArn !== undefined,
              account: it.SourceAccount !== undefined,
              auth: it.FunctionUrlAuthType,
              url: it.InvokedViaFunctionUrl,
            }),
          );
        }
        break;
      case "AWS::Lambda::EventSourceMapping":
        facts.add(
          mappingFact(text(it.FunctionName), {
            source: text(it.EventSourceArn),
            batch: it.BatchSize,
            types: text(it.FunctionResponseTypes),
            start: it.StartingPosition,
            retries: it.MaximumRetryAttempts,
            failures: text(it.DestinationConfig?.OnFailure?.Destination),
          }),
        );
        break;
      case "AWS::Lambda::EventInvokeConfig":
        facts.add(
          invokeFact(text(it.FunctionName), it.MaximumRetryAttempts, text(it.DestinationConfig.OnFailure.Destination)),
        );
        break;
      case "AWS::ApiGatewayV2::Api":
        if (it.Body) routesOf(it.Body, "HTTP");
        break;
      case "AWS::ApiGatewayV2::Route": {
        const integration = Object.entries(resources).find(
          ([other, { Type }]) => Type === "AWS::ApiGatewayV2::Integration" && text(it.Target).endsWith(id(other)),
        )[1].Properties;
        const [target, version] = [functionIn(integration.IntegrationUri), integration.PayloadFormatVersion];
        facts.add(`route of the HTTP API: ${it.RouteKey} → ${target}, payload ${version}`);
        break;
      }
      case "AWS::ApiGatewayV2::Stage":
        facts.add(`stage of the HTTP API: ${it.StageName}, ${it.AutoDeploy ? "deployed automatically" : ""}`);
        break;
      case "AWS::ApiGateway::RestApi":
        if (it.Body) routesOf(it.Body, "REST");
        break;
      case "AWS::ApiGateway::Method": {
        let [path, resource] = ["", it.ResourceId];
        while (resource?.Ref) {
          const { PathPart, ParentId } = resources[resource.Ref].Properties;
          path = `/${PathPart}${path}`;
          resource = ParentId;
        }
        const target = functionIn(it.Integration.Uri);
        facts.add(`route of the REST API: ${it.HttpMethod} ${path} → ${target}, payload 1.0`);
        break;
      }
      case "AWS::ApiGateway::Stage":
        facts.add(`stage of the REST API: ${it.StageName}`);
        break;
      case "AWS::SQS::Queue":
        facts.add(
          queueFact(id(name), {
            visibility: it.VisibilityTimeout,
            retention: it.MessageRetentionPeriod,
            dead: text(it.RedrivePolicy?.deadLetterTargetArn),
            count: it.RedrivePolicy?.maxReceiveCount,
          }),
        );
        break;
      case "AWS::Kinesis::Stream":
        facts.add(`stream ${id(name)}: ${it.StreamModeDetails.StreamMode}`);
        break;
      case "AWS::DynamoDB::Table":
      case "AWS::DynamoDB::GlobalTable":
        facts.add(
          `table ${id(name)}: key ${it.KeySchema[0].AttributeName}, ${it.BillingMode}, ` +
            `stream of ${it.StreamSpecification.StreamViewType}`,
        );
        if (Type.endsWith("GlobalTable")) facts.add(`table ${id(name)}: can have replicas in other regions`);
        break;
      case "AWS::SNS::Topic":
        facts.add(`topic ${id(name)}`);
        break;
      case "AWS::SNS::Subscription":
        facts.add(`subscription of ${text(it.TopicArn)}: ${it.Protocol} ${text(it.Endpoint)}`);
        break;
      case "AWS::S3::Bucket":
        for (const { Event, Function } of it.NotificationConfiguration?.LambdaConfigurations ?? []) {
          facts.add(`notification of ${id(name)}: ${Event} → ${functionIn(Function)}`);
        }
        break;
      case "Custom::S3BucketNotifications":
        for (const { Events, LambdaFunctionArn } of it.NotificationConfiguration.LambdaFunctionConfigurations) {
          facts.add(`notification of ${text(it.BucketName)}: ${text(Events)} → ${functionIn(LambdaFunctionArn)}`);
        }
        break;
      case "AWS::Events::Rule":
        facts.add(ruleFact(it.ScheduleExpression, it.EventPattern, functionIn(it.Targets[0].Arn)));
        break;
      case "AWS::Logs::LogGroup":
        facts.add(`log of ${owner({ Ref: name })}: ${it.RetentionInDays} days`);
        break;
      case "AWS::IAM::Role":
        if (owner({ Ref: name })) {
          for (const policy of it.ManagedPolicyArns ?? []) {
            facts.add(`allow ${owner({ Ref: name })}: ${text(policy).split("/").pop()}`);
          }
          for (const { PolicyDocument } of it.Policies ?? []) statements(PolicyDocument, { Ref: name });
        }
        break;
      case "AWS::IAM::Policy":
        if (owner({ Ref: name })) statements(it.PolicyDocument, { Ref: name });
        break;
      case "AWS::ApplicationInsights::Application":
        facts.add("CloudWatch Application Insights");
        break;
      case "AWS::ApiGatewayV2::Integration":
      case "AWS::ApiGateway::Deployment":
      case "AWS::ApiGateway::Resource":
      case "AWS::CDK::Metadata":
      case "AWS::ResourceGroups::Group":
      case "AWS::SQS::QueuePolicy":
        break;
      default:
        fail(`unknown type ${Type}`);
    }
  }
  return facts;
}

const functionFact = (name, it) =>
  `function ${name}: ${it.package}, handler ${it.handler}, ${it.architecture}, ${it.memory} MB, ${it.timeout} s, ` +
  `tracing ${it.tracing ?? "PassThrough"}, ${it.logs ?? "Text"} logs`;

function permissionFact(name, action, principal, { source, account, auth, url }) {
  const conditions = [source && "from one source", account && "in this account", auth && `with ${auth}`, url && "by URL"];
  return `permission for ${name}: ${action} by ${principal} ${conditions.filter(Boolean).join(" ")}`.trimEnd();
}

const mappingFact = (name, it) =>
  `mapping ${it.source} → ${name}: batch ${it.batch ?? "default"}, ${it.types}, start ${it.start ?? "-"}, ` +
  `retries ${it.retries ?? "-"}, failures to ${it.failures || "-"}`;

const invokeFact = (name, retries, destination) => `invocations of ${name}: retries ${retries}, failures to ${destination}`;

const queueFact = (name, it) =>
  `queue ${name}: visible again after ${it.visibility ?? "the default"}, kept ${it.retention ?? "the default"}, ` +
  `dead letters to ${it.dead || "-"} after ${it.count ?? "-"}`;

const ruleFact = (schedule, pattern, target) => `rule: ${schedule ?? canonical(pattern)} → ${target}`;

function canonical(pattern) {
  return JSON.stringify(Object.fromEntries(Object.entries(pattern).sort()));
}

// The same lines of a configuration of Terraform.
async function factsOfTerraform(folder) {
  const main = await read(folder, "main.tf");
  const module = await read(join(folder, "function"), "main.tf");
  const facts = new Set();
  const pascal = (name) => name.replace(/(^|_)(\w)/g, (_, __, letter) => letter.toUpperCase());
  const functionId = (name) => `${pascal(name)}Function`;
  const functionIn = (value) => functionId(/module\.(\w+)/.exec(value)[1]);
  const resourceIn = (value) => (value ? pascal(/aws_\w+\.(\w+)/.exec(value)[1]) : "");
  const routes = Object.entries(main.locals?.[0]?.routes ?? {});
  const all = Object.entries(main.resource ?? {}).flatMap(([type, named]) =>
    Object.entries(named).flatMap(([name, [it]]) => each(it, routes).map((it) => ({ type, name, it }))),
  );
  const first = (type) => Object.values(module.resource[type] ?? {})[0]?.[0];
  const program = first("aws_lambda_function");

  for (const [name, [it]] of Object.entries(main.module)) {
    const handler = it.handler ?? "bootstrap";
    const isImage = program.package_type === "Image";
    if ((program.handler ?? program.image_config[0].command[0]) !== "${var.handler}") fail("the handler is not a variable");
    facts.add(
      functionFact(functionId(name), {
        package: isImage ? "image" : program.runtime,
        handler,
        architecture: program.architectures.join(),
        memory: program.memory_size,
        timeout: program.timeout,
        tracing: program.tracing_config?.[0].mode,
        logs: program.logging_config[0].log_format,
      }),
    );
    facts.add(`log of ${functionId(name)}: ${first("aws_cloudwatch_log_group").retention_in_days} days`);
    for (const [it] of Object.values(module.resource.aws_iam_role_policy_attachment)) {
      facts.add(`allow ${functionId(name)}: ${it.policy_arn.split("/").pop()}`);
    }
  }

  for (const { type, name, it } of all) {
    switch (type) {
      case "aws_lambda_function_url":
        facts.add(`URL of ${functionIn(it.function_name)}: ${it.authorization_type}`);
        break;
      case "aws_lambda_permission":
        facts.add(
          permissionFact(functionIn(it.function_name), it.action, it.principal, {
            source: it.source_arn !== undefined,
            account: it.source_account !== undefined,
            auth: it.function_url_auth_type,
            url: it.invoked_via_function_url,
          }),
        );
        break;
      case "aws_lambda_event_source_mapping":
        facts.add(
          mappingFact(functionIn(it.function_name), {
            source: resourceIn(it.event_source_arn),
            batch: it.batch_size,
            types: it.function_response_types.join(),
            start: it.starting_position,
            retries: it.maximum_retry_attempts,
            failures: resourceIn(it.destination_config?.[0].on_failure[0].destination_arn),
          }),
        );
        break;
      case "aws_lambda_function_event_invoke_config":
        facts.add(
          invokeFact(
            functionIn(it.function_name),
            it.maximum_retry_attempts,
            resourceIn(it.destination_config[0].on_failure[0].destination),
          ),
        );
        break;
      case "aws_apigatewayv2_route": {
        const integration = all.find(
          (other) => other.type === "aws_apigatewayv2_integration" && it.target.includes(`.${other.name}`) &&
            (other.it.key === undefined || other.it.key === it.key),
        ).it;
        const [target, version] = [functionIn(integration.integration_uri), integration.payload_format_version];
        facts.add(`route of the HTTP API: ${it.route_key} → ${target}, payload ${version}`);
        break;
      }
      case "aws_apigatewayv2_stage":
        facts.add(`stage of the HTTP API: ${it.name}, ${it.auto_deploy ? "deployed automatically" : ""}`);
        break;
      case "aws_api_gateway_rest_api": {
        const paths = JSON.parse(/for path in (\[.*?\])/.exec(it.body)[1]);
        const method = /(\w+) = \{\s*x-amazon/.exec(it.body)[1].toUpperCase();
        for (const path of paths) {
          facts.add(`route of the REST API: ${method} ${path} → ${functionIn(it.body)}, payload 1.0`);
        }
        break;
      }
      case "aws_api_gateway_stage":
        facts.add(`stage of the REST API: ${it.stage_name}`);
        break;
      case "aws_sqs_queue":
        facts.add(
          queueFact(pascal(name), {
            visibility: it.visibility_timeout_seconds,
            retention: it.message_retention_seconds,
            dead: resourceIn(it.redrive_policy),
            count: /maxReceiveCount\s*= (\d+)/.exec(it.redrive_policy)?.[1],
          }),
        );
        break;
      case "aws_kinesis_stream":
        facts.add(`stream ${pascal(name)}: ${it.stream_mode_details[0].stream_mode}`);
        break;
      case "aws_dynamodb_table":
        facts.add(`table ${pascal(name)}: key ${it.hash_key}, ${it.billing_mode}, stream of ${it.stream_view_type}`);
        break;
      case "aws_sns_topic":
        facts.add(`topic ${pascal(name)}`);
        break;
      case "aws_sns_topic_subscription":
        facts.add(`subscription of ${resourceIn(it.topic_arn)}: ${it.protocol} ${functionIn(it.endpoint)}`);
        break;
      case "aws_s3_bucket_notification": {
        const [{ events, lambda_function_arn: target }] = it.lambda_function;
        facts.add(`notification of ${resourceIn(it.bucket)}: ${events.join()} → ${functionIn(target)}`);
        break;
      }
      case "aws_cloudwatch_event_target": {
        const rule = all.find((other) => other.type === "aws_cloudwatch_event_rule").it;
        const fields = [...(rule.event_pattern ?? "").matchAll(/([\w-]+)\s*= (\[.*\])/g)];
        const pattern = Object.fromEntries(fields.map(([, name, values]) => [name, JSON.parse(values)]));
        facts.add(ruleFact(rule.schedule_expression, pattern, functionIn(it.arn)));
        break;
      }
      case "aws_iam_role_policy_attachment":
        facts.add(`allow ${functionIn(it.role)}: ${it.policy_arn.split("/").pop()}`);
        break;
      case "aws_iam_role_policy": {
        const [, action] = /Action\s*= "(.*)"/.exec(it.policy);
        facts.add(`allow ${functionIn(it.role)}: ${action} on ${resourceIn(/Resource.*/.exec(it.policy)[0])}`);
        break;
      }
      case "aws_applicationinsights_application":
        facts.add("CloudWatch Application Insights");
        break;
      case "aws_ecr_repository":
        facts.add("a repository for the image");
        break;
      case "aws_apigatewayv2_api":
      case "aws_apigatewayv2_integration":
      case "aws_api_gateway_deployment":
      case "aws_cloudwatch_event_rule":
      case "aws_resourcegroups_group":
      case "aws_s3_bucket":
        break;
      default:
        fail(`unknown type ${type}`);
    }
  }
  return facts;
}

// The instances of a resource.
function each(it, routes) {
  const { for_each: set, ...rest } = it;
  if (set === undefined) return [it];
  const list = /^\$\{toset\((\[.*\])\)\}$/.exec(set);
  const entries = list ? JSON.parse(list[1]).map((key) => [key, key]) : routes;
  if (!list && set !== "${local.routes}") fail(`unknown set ${set}`);
  return entries.map(([key, value]) => {
    const module = /module\.\w+/.exec(value)?.[0];
    const text = JSON.stringify(rest).replaceAll("${each.key}", key).replaceAll("each.value", module);
    return { key, ...JSON.parse(text) };
  });
}

async function read(folder, name) {
  const path = join(folder, name);
  return parse(path, readFileSync(path, "utf8"));
}

// Checks the files as `terraform fmt -check` and, as far as the schema of the provider goes, `terraform validate` do.
async function checkTerraform(folder) {
  const document = {};
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".tf"))) {
    const text = readFileSync(join(folder, name), "utf8");
    if ((await format(text)) !== text) fail(`${join(folder, name)} is not formatted`);
    for (const [section, items] of Object.entries(await parse(name, text))) {
      if (["resource", "data"].includes(section)) {
        document[section] ??= {};
        for (const [type, named] of Object.entries(items)) Object.assign((document[section][type] ??= {}), named);
      } else {
        document[section] = Object.assign(document[section] ?? {}, items);
      }
    }
  }
  const declared = (section, type, name) => document[section]?.[type]?.[name] !== undefined;
  for (const [section, prefix] of [["resource", ""], ["data", "data-aws-"]]) {
    for (const [type, named] of Object.entries(document[section] ?? {})) {
      for (const [name, [it]] of Object.entries(named)) {
        const { for_each, depends_on, lifecycle, ...properties } = it;
        checkProperties(`${type}.${name}`, schema(type, prefix), undefined, properties);
      }
    }
  }
  for (const [name, [{ source, ...inputs }]] of Object.entries(document.module ?? {})) {
    const child = await read(join(folder, source), "variables.tf");
    for (const input of Object.keys(inputs)) if (!child.variable[input]) fail(`module.${name} has no input ${input}`);
    for (const [input, [it]] of Object.entries(child.variable)) {
      if (it.default === undefined && inputs[input] === undefined) fail(`module.${name} lacks ${input}`);
    }
  }
  // References to everything that is not declared, or has no such attribute.
  const text = JSON.stringify(document);
  for (const [, data, type, name, attribute] of text.matchAll(/(data\.)?(aws_\w+)\.(\w+)(?:\[[^\]]*\])?\.(\w+)/g)) {
    const [section, prefix] = data ? ["data", "data-aws-"] : ["resource", ""];
    if (!declared(section, type, name)) fail(`${type}.${name} is not declared`);
    else if (!new RegExp(`get ${camel(attribute)}\\(\\)`).test(schema(type, prefix))) {
      fail(`${type}.${name} has no attribute ${attribute}`);
    }
  }
  const outputs = document.module && (await read(join(folder, "function"), "outputs.tf")).output;
  for (const [, name, output] of text.matchAll(/module\.(\w+)(?:\.(\w+))?/g)) {
    if (!document.module[name]) fail(`module.${name} is not declared`);
    else if (output && !outputs[output]) fail(`module.${name} has no output ${output}`);
  }
  for (const [, name] of text.matchAll(/var\.(\w+)/g)) {
    if (!document.variable[name]) fail(`var.${name} is not declared`);
  }
}

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

const schemas = new Map();

// The declarations of a resource, generated from the schema of the provider.
function schema(type, prefix) {
  const name = prefix + type.replace(/^aws_/, "").replaceAll("_", "-");
  if (!schemas.has(name)) {
    schemas.set(name, readFileSync(join(tools, "provider/package/lib", name, "index.d.ts"), "utf8"));
  }
  return schemas.get(name);
}

function checkProperties(about, declarations, name, properties) {
  const header = name ? `export interface ${name} {` : /export interface \w+ extends \w+\.TerraformMetaArguments \{/;
  const start = declarations.search(name ? header.replace(/[{}]/g, "\\$&") : header);
  const body = declarations.slice(start, declarations.indexOf("\n}", start));
  const known = new Map();
  for (const [, property, optional, type] of body.matchAll(/readonly (\w+)(\?)?: ([^;]+);/g)) {
    known.set(property, { required: !optional, type });
  }
  for (const [key, value] of Object.entries(properties)) {
    const declaration = known.get(camel(key));
    if (!declaration) {
      fail(`${about} has no property ${key}`);
      continue;
    }
    const block = /^([A-Z]\w+)/.exec(declaration.type)?.[1];
    if (block) for (const it of [value].flat()) checkProperties(`${about}.${key}`, declarations, block, it);
  }
  for (const [property, { required }] of known) {
    const given = Object.keys(properties).some((key) => camel(key) === property);
    if (required && !given) fail(`${about} lacks ${property}`);
  }
}

// Runs all applications of AWS CDK in one process, as loading its library takes seconds.
const SYNTHESIZE = `
process.setMaxListeners(0);
for (const folder of process.argv.slice(1)) {
  process.env.CDK_OUTDIR = folder + "/cdk.out";
  process.env.CDK_CONTEXT_JSON = JSON.stringify(require(folder + "/cdk.json").context);
  require(folder + "/bin/app.ts");
}`;

function synthesized(folder) {
  const [template] = readdirSync(join(folder, "cdk.out")).filter((name) => name.endsWith(".template.json"));
  return JSON.parse(readFileSync(join(folder, "cdk.out", template), "utf8"));
}

const kinds = readdirSync(root).sort();
const applications = kinds.map((kind) => resolve(root, kind, "cdk/infrastructure"));
execFileSync(process.execPath, ["--import", load.resolve("tsx"), "--eval", SYNTHESIZE, ...applications]);
for (const kind of kinds) {
  const folder = join(root, kind);
  const sam = factsOfTemplate(JSON.parse(readFileSync(join(folder, "sam.json"), "utf8")));
  const cdk = factsOfTemplate(synthesized(join(folder, "cdk/infrastructure")));
  const terraform = await factsOfTerraform(join(folder, "terraform/infrastructure"));
  await checkTerraform(join(folder, "terraform/infrastructure/function"));
  await checkTerraform(join(folder, "terraform/infrastructure"));
  for (const [tool, facts] of [["CDK", cdk], ["Terraform", terraform]]) {
    const same = [...sam].filter((fact) => facts.has(fact)).length;
    console.log(`${kind}, ${tool}: ${same} of ${sam.size} the same`);
    for (const fact of [...sam].filter((fact) => !facts.has(fact)).sort()) console.log(`  - ${fact}`);
    for (const fact of [...facts].filter((fact) => !sam.has(fact)).sort()) console.log(`  + ${fact}`);
  }
}
process.exitCode = failed ? 1 : 0;
