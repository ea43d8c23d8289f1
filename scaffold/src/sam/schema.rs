//! The properties that SAM and `CloudFormation` have for the parts of a template that this program reads. Of SAM's,
//! anything else has no effect: a misspelled `Method` would widen a route to all methods. With `CloudFormation`'s, the
//! deployment would fail.
//!
//! The names are those of `aws-sam-translator` 1.115: its schema (`samtranslator/internal/schema_source`) and
//! what its classes accept beyond that (`property_types`). Parts that SAM passes on to `CloudFormation` have the
//! names in the "AWS resource and property types reference", as resources of `CloudFormation` have.

use super::diagnostics::{Diagnostic, Diagnostics};
use super::event_source_mapping;
use super::resource::{HTTP_API, RAW_HTTP_API, RAW_REST_API, REST_API, Resource};
use super::yaml::{Node, NodeValue};
use crate::term::nearest::nearest;

/// A map with a closed set of names.
struct Part {
    /// The names, separated by spaces. Empty if any name is right.
    names: &'static str,
    /// The values that are parts themselves; `*` stands for any name.
    parts: &'static [(&'static str, &'static Part)],
}

static TEMPLATE: Part = Part {
    names: "AWSTemplateFormatVersion Conditions Description Globals Hooks Mappings Metadata Outputs Parameters \
            Resources Rules Transform",
    parts: &[("Globals", &GLOBALS)],
};

/// SAM itself refuses those of their properties that it does not take here.
static GLOBALS: Part = Part {
    names: "Api CapacityProvider Function HttpApi LayerVersion MicroVMImage NetworkConnector SimpleTable \
            StateMachine WebSocketApi",
    parts: &[
        ("Api", &REST_API_PROPERTIES),
        ("Function", &FUNCTION),
        ("HttpApi", &HTTP_API_PROPERTIES),
    ],
};

/// The attributes of a resource of SAM, and those that `CloudFormation` has for all resources.
const ATTRIBUTES: &str = "Condition Connectors CreationPolicy DeletionPolicy DependsOn IgnoreGlobals Metadata \
                          Properties Type UpdatePolicy UpdateReplacePolicy";

static FUNCTION_RESOURCE: Part = Part { names: ATTRIBUTES, parts: &[("Properties", &FUNCTION)] };
static HTTP_API_RESOURCE: Part =
    Part { names: ATTRIBUTES, parts: &[("Properties", &HTTP_API_PROPERTIES)] };
static REST_API_RESOURCE: Part =
    Part { names: ATTRIBUTES, parts: &[("Properties", &REST_API_PROPERTIES)] };

/// The attributes of a resource of `CloudFormation`, and the one that SAM adds to some.
const RAW_ATTRIBUTES: &str = "Condition Connectors CreationPolicy DeletionPolicy DependsOn Metadata Properties Type \
                              UpdatePolicy UpdateReplacePolicy";

/// The resources of `CloudFormation` that this program reads, with their properties.
static RAW_RESOURCES: [(&str, Part); 8] = [
    (
        "AWS::Lambda::Function",
        Part {
            names: "Architectures CapacityProviderConfig Code CodeSigningConfigArn DeadLetterConfig Description \
                    DurableConfig Environment EphemeralStorage FileSystemConfigs FunctionName \
                    FunctionScalingConfig Handler ImageConfig KmsKeyArn Layers LoggingConfig MemorySize \
                    PackageType PublishToLatestPublished RecursiveLoop ReservedConcurrentExecutions Role \
                    Runtime RuntimeManagementConfig SnapStart Tags TenancyConfig Timeout TracingConfig VpcConfig",
            parts: &[
                (
                    "Code",
                    &Part {
                        names: "ImageUri S3Bucket S3Key S3ObjectStorageMode S3ObjectVersion SourceKMSKeyArn \
                                ZipFile",
                        parts: &[],
                    },
                ),
                (
                    "CapacityProviderConfig",
                    &Part {
                        names: "LambdaManagedInstancesCapacityProviderConfig",
                        parts: &[(
                            "LambdaManagedInstancesCapacityProviderConfig",
                            &Part {
                                names: "CapacityProviderArn ExecutionEnvironmentMemoryGiBPerVCpu \
                                        PerExecutionEnvironmentMaxConcurrency",
                                parts: &[],
                            },
                        )],
                    },
                ),
                ("DurableConfig", &DURABLE),
                ("Environment", &ENVIRONMENT),
                ("ImageConfig", &IMAGE),
                ("LoggingConfig", &LOGGING),
                ("TenancyConfig", &TENANCY),
            ],
        },
    ),
    (
        "AWS::Lambda::Url",
        Part {
            names: "AuthType Cors InvokeMode Qualifier TargetFunctionArn",
            parts: &[("Cors", &HTTP_CORS)],
        },
    ),
    (
        event_source_mapping::MAPPING,
        Part {
            names: "AmazonManagedKafkaEventSourceConfig BatchSize BisectBatchOnFunctionError DestinationConfig \
                    DocumentDBEventSourceConfig Enabled EventSourceArn FilterCriteria FunctionName \
                    FunctionResponseTypes KmsKeyArn LoggingConfig MaximumBatchingWindowInSeconds \
                    MaximumRecordAgeInSeconds MaximumRetryAttempts MetricsConfig ParallelizationFactor \
                    ProvisionedPollerConfig Queues ScalingConfig SelfManagedEventSource \
                    SelfManagedKafkaEventSourceConfig SourceAccessConfigurations StartingPosition \
                    StartingPositionTimestamp Tags Topics TumblingWindowInSeconds",
            parts: &[],
        },
    ),
    (
        RAW_HTTP_API,
        Part {
            names: "ApiKeySelectionExpression BasePath Body BodyS3Location CorsConfiguration CredentialsArn \
                    Description DisableExecuteApiEndpoint DisableSchemaValidation FailOnWarnings IpAddressType \
                    Name ProtocolType RouteKey RouteSelectionExpression Tags Target Version",
            parts: &[("CorsConfiguration", &HTTP_CORS)],
        },
    ),
    (
        RAW_REST_API,
        Part {
            names: "ApiKeySourceType BinaryMediaTypes Body BodyS3Location CloneFrom Description \
                    DisableExecuteApiEndpoint EndpointAccessMode EndpointConfiguration FailOnWarnings \
                    MinimumCompressionSize Mode Name Parameters Policy SecurityPolicy Tags Version",
            parts: &[],
        },
    ),
    (
        "AWS::SQS::Queue",
        Part {
            names: "ContentBasedDeduplication DeduplicationScope DelaySeconds FifoQueue FifoThroughputLimit \
                    KmsDataKeyReusePeriodSeconds KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod \
                    QueueName ReceiveMessageWaitTimeSeconds RedriveAllowPolicy RedrivePolicy \
                    SqsManagedSseEnabled Tags VisibilityTimeout",
            parts: &[],
        },
    ),
    (
        "AWS::DynamoDB::Table",
        Part {
            names: "AttributeDefinitions BillingMode ContributorInsightsSpecification \
                    DeletionProtectionEnabled GlobalSecondaryIndexes ImportSourceSpecification KeySchema \
                    KinesisStreamSpecification LocalSecondaryIndexes OnDemandThroughput \
                    PointInTimeRecoverySpecification ProvisionedThroughput ResourcePolicy SSESpecification \
                    StreamSpecification TableClass TableName Tags TimeToLiveSpecification VectorIndexes \
                    WarmThroughput",
            parts: &[],
        },
    ),
    (
        "AWS::Kinesis::Stream",
        Part {
            names: "DesiredShardLevelMetrics MaxRecordSizeInKiB Name RecordDistributionStrategy \
                    RetentionPeriodHours ShardCount StreamEncryption StreamModeDetails Tags \
                    WarmThroughputMiBps",
            parts: &[],
        },
    ),
];

static ENVIRONMENT: Part = Part { names: "Variables", parts: &[] };
static IMAGE: Part = Part { names: "Command EntryPoint WorkingDirectory", parts: &[] };

static FUNCTION: Part = Part {
    names: "Architectures AssumeRolePolicyDocument AutoPublishAlias AutoPublishAliasAllProperties \
            AutoPublishCodeSha256 CapacityProviderConfig CodeSigningConfigArn CodeUri DeadLetterQueue \
            DeploymentPreference Description DurableConfig Environment EphemeralStorage EventInvokeConfig Events \
            FileSystemConfigs FunctionName FunctionScalingConfig FunctionUrlConfig Handler ImageConfig ImageUri \
            InlineCode KmsKeyArn Layers LoggingConfig MemorySize PackageType PermissionsBoundary Policies \
            PropagateTags ProvisionedConcurrencyConfig PublishToLatestPublished RecursiveLoop \
            ReservedConcurrentExecutions Role RolePath Runtime RuntimeManagementConfig SnapStart SourceKMSKeyArn \
            Tags TenancyConfig Timeout Tracing VersionDeletionPolicy VersionDescription VpcConfig",
    parts: &[
        (
            "CapacityProviderConfig",
            &Part {
                names: "Arn ExecutionEnvironmentMemoryGiBPerVCpu PerExecutionEnvironmentMaxConcurrency",
                parts: &[],
            },
        ),
        ("DurableConfig", &DURABLE),
        ("Environment", &ENVIRONMENT),
        ("FunctionUrlConfig", &FUNCTION_URL),
        ("ImageConfig", &IMAGE),
        ("LoggingConfig", &LOGGING),
        ("TenancyConfig", &TENANCY),
    ],
};

static DURABLE: Part =
    Part { names: "ExecutionTimeout KMSKeyArn RetentionPeriodInDays", parts: &[] };

static TENANCY: Part = Part { names: "TenantIsolationMode", parts: &[] };

static LOGGING: Part =
    Part { names: "ApplicationLogLevel LogFormat LogGroup SystemLogLevel", parts: &[] };

static FUNCTION_URL: Part =
    Part { names: "AuthType Cors InvokeMode", parts: &[("Cors", &HTTP_CORS)] };

static HTTP_CORS: Part = Part {
    names: "AllowCredentials AllowHeaders AllowMethods AllowOrigins ExposeHeaders MaxAge",
    parts: &[],
};

static HTTP_API_PROPERTIES: Part = Part {
    names: "AccessLogSettings Auth CorsConfiguration DefaultRouteSettings DefinitionBody DefinitionUri \
            Description DisableExecuteApiEndpoint Domain FailOnWarnings Name PropagateTags RouteSettings \
            StageName StageVariables Tags",
    parts: &[
        (
            "Auth",
            &Part {
                names: "Authorizers DefaultAuthorizer EnableIamAuthorizer",
                parts: &[("Authorizers", &HTTP_AUTHORIZERS)],
            },
        ),
        ("CorsConfiguration", &HTTP_CORS),
    ],
};

static HTTP_AUTHORIZERS: Part = Part {
    names: "",
    parts: &[(
        "*",
        &Part {
            names: "AuthorizationScopes AuthorizerPayloadFormatVersion EnableFunctionDefaultPermissions \
                    EnableSimpleResponses FunctionArn FunctionInvokeRole Identity IdentitySource \
                    JwtConfiguration",
            parts: &[(
                "Identity",
                &Part {
                    names: "Context Headers QueryStrings ReauthorizeEvery StageVariables",
                    parts: &[],
                },
            )],
        },
    )],
};

static REST_API_PROPERTIES: Part = Part {
    names: "AccessLogSetting AlwaysDeploy ApiKeySourceType Auth BinaryMediaTypes CacheClusterEnabled \
            CacheClusterSize CanarySetting Cors DefinitionBody DefinitionUri Description \
            DisableExecuteApiEndpoint Domain EndpointAccessMode EndpointConfiguration FailOnWarnings \
            GatewayResponses MergeDefinitions MethodSettings MinimumCompressionSize Mode Models Name \
            OpenApiVersion Policy PropagateTags SecurityPolicy StageName Tags TracingEnabled Variables",
    parts: &[
        (
            "Auth",
            &Part {
                names: "AddApiKeyRequiredToCorsPreflight AddDefaultAuthorizerToCorsPreflight ApiKeyRequired \
                        Authorizers DefaultAuthorizer InvokeRole ResourcePolicy UsagePlan",
                parts: &[("Authorizers", &REST_AUTHORIZERS)],
            },
        ),
        (
            "Cors",
            &Part {
                names: "AllowCredentials AllowHeaders AllowMethods AllowOrigin MaxAge",
                parts: &[],
            },
        ),
    ],
};

static REST_AUTHORIZERS: Part = Part {
    names: "",
    parts: &[(
        "*",
        &Part {
            names: "AuthorizationScopes DisableFunctionDefaultPermissions FunctionArn FunctionInvokeRole \
                    FunctionPayloadType Identity UserPoolArn",
            parts: &[(
                "Identity",
                &Part {
                    names: "Context Header Headers QueryStrings ReauthorizeEvery StageVariables \
                            ValidationExpression",
                    parts: &[],
                },
            )],
        },
    )],
};

/// The properties of all sources that Lambda polls: SAM accepts them for each, and AWS adds sources to them.
const POLLED: &str = "BatchSize BisectBatchOnFunctionError ConsumerGroupId DestinationConfig Enabled \
                      FilterCriteria FunctionResponseTypes KmsKeyArn LoggingConfig \
                      MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds MaximumRetryAttempts \
                      MetricsConfig ParallelizationFactor ProvisionedPollerConfig ScalingConfig \
                      SchemaRegistryConfig SecretsManagerKmsKeyId SourceAccessConfigurations StartingPosition \
                      StartingPositionTimestamp TumblingWindowInSeconds";

/// The types of events, with the names of their properties. Those of sources that Lambda polls have the
/// [`POLLED`] ones too.
const EVENTS: [(&str, &str); 19] = [
    ("AlexaSkill", "SkillId"),
    (
        "Api",
        "Auth Method Path RequestModel RequestParameters ResponseTransferMode RestApiId Stage TimeoutInMillis",
    ),
    (
        "CloudWatchEvent",
        "DeadLetterConfig Enabled EventBusName Input InputPath InputTransformer Pattern RetryPolicy RuleName \
         State Target",
    ),
    ("CloudWatchLogs", "FilterPattern LogGroupName"),
    ("Cognito", "Trigger UserPool"),
    ("DocumentDB", "Cluster CollectionName DatabaseName FullDocument"),
    ("DynamoDB", "Stream"),
    (
        "EventBridgeRule",
        "DeadLetterConfig Enabled EventBusName Input InputPath InputTransformer Pattern RetryPolicy RuleName \
         State Target",
    ),
    ("HttpApi", "ApiId Auth Method Path PayloadFormatVersion RouteSettings Stage TimeoutInMillis"),
    ("IoTRule", "AwsIotSqlVersion Sql"),
    ("Kinesis", "Stream"),
    ("MQ", "Broker DynamicPolicyName Queues"),
    ("MSK", "Stream Topics"),
    ("S3", "Bucket Events Filter"),
    ("SNS", "FilterPolicy FilterPolicyScope RedrivePolicy Region SqsSubscription Topic"),
    ("SQS", "Queue"),
    (
        "Schedule",
        "DeadLetterConfig Description Enabled Input Name RetryPolicy RuleName Schedule State",
    ),
    (
        "ScheduleV2",
        "DeadLetterConfig Description EndDate FlexibleTimeWindow GroupName Input KmsKeyArn Name OmitName \
         PermissionsBoundary RetryPolicy RoleArn ScheduleExpression ScheduleExpressionTimezone StartDate State",
    ),
    ("SelfManagedKafka", "KafkaBootstrapServers Topics"),
];

const POLLED_EVENTS: [&str; 7] =
    ["DocumentDB", "DynamoDB", "Kinesis", "MQ", "MSK", "SQS", "SelfManagedKafka"];

/// Warns about names that SAM and `CloudFormation` do not have.
pub(super) fn check(template: &Node, resources: &[Resource<'_>], diagnostics: &mut Diagnostics) {
    // Another macro can replace any name before SAM sees it.
    let is_of_aws = |name: &String| name.starts_with("AWS::");
    if !template.texts_of("Transform").iter().all(is_of_aws) {
        return;
    }
    check_part(template, &TEMPLATE, "the template", diagnostics);
    for Resource { name, kind, source, .. } in resources {
        let part = match *kind {
            "AWS::Serverless::Function" => &FUNCTION_RESOURCE,
            HTTP_API => &HTTP_API_RESOURCE,
            REST_API => &REST_API_RESOURCE,
            kind => {
                check_raw(source, kind, name, diagnostics);
                continue;
            }
        };
        check_part(source, part, &format!("`{name}`"), diagnostics);
        if *kind == "AWS::Serverless::Function" {
            let events = source.find(&["Properties", "Events"]).map(Node::entries);
            for (event, node) in events.unwrap_or_default() {
                check_event(node, &format!("the event `{event}` of `{name}`"), diagnostics);
            }
        }
    }
}

/// Checks a resource of `CloudFormation`.
fn check_raw(resource: &Node, kind: &str, name: &str, diagnostics: &mut Diagnostics) {
    let Some((_, part)) = RAW_RESOURCES.iter().find(|(known, _)| *known == kind) else { return };
    let what = format!("`{name}`");
    let attributes: Vec<_> = RAW_ATTRIBUTES.split_whitespace().collect();
    check_names(resource, &attributes, &what, diagnostics);
    if let Some(properties) = resource.get("Properties") {
        check_part(properties, part, &what, diagnostics);
    }
}

fn check_event(event: &Node, what: &str, diagnostics: &mut Diagnostics) {
    if is_call(event) {
        return;
    }
    check_names(event, &["Properties", "Type"], what, diagnostics);
    let Some(kind) = event.get("Type") else { return };
    // SAM does not evaluate a function here.
    let Some(name) = kind.text() else { return };
    let Some((_, names)) = EVENTS.iter().find(|(known, _)| *known == name) else {
        let types: Vec<_> = EVENTS.iter().map(|(name, _)| *name).collect();
        warn(kind.line, format!("unknown type `{name}` of {what}"), name, &types, diagnostics);
        return;
    };
    let Some(properties) = event.get("Properties") else { return };
    let polled = POLLED_EVENTS.contains(&name).then_some(POLLED);
    let names: Vec<_> =
        names.split_whitespace().chain(polled.unwrap_or_default().split_whitespace()).collect();
    check_names(properties, &names, what, diagnostics);
    let auth: &[&str] = match name {
        "Api" => &[
            "ApiKeyRequired",
            "AuthorizationScopes",
            "Authorizer",
            "InvokeRole",
            "OverrideApiAuth",
            "ResourcePolicy",
        ],
        "HttpApi" => &["AuthorizationScopes", "Authorizer"],
        _ => return,
    };
    if let Some(node) = properties.get("Auth") {
        check_names(node, auth, &format!("`Auth` of {what}"), diagnostics);
    }
}

/// Checks the names of a part and of the parts in it. `what` is the part as messages name it.
fn check_part(node: &Node, part: &Part, what: &str, diagnostics: &mut Diagnostics) {
    if is_call(node) {
        return;
    }
    let names: Vec<_> = part.names.split_whitespace().collect();
    if !names.is_empty() {
        check_names(node, &names, what, diagnostics);
    }
    for (name, value) in node.entries() {
        let inner = part.parts.iter().find(|(known, _)| *known == "*" || *known == name.as_str());
        if let Some((_, inner)) = inner {
            // A property of a resource is one of the resource.
            let what = match name.as_str() {
                "Properties" => what.to_owned(),
                "Globals" => "`Globals`".to_owned(),
                name => format!("`{name}` of {what}"),
            };
            check_part(value, inner, &what, diagnostics);
        }
    }
}

fn check_names(node: &Node, known: &[&str], what: &str, diagnostics: &mut Diagnostics) {
    if is_call(node) {
        return;
    }
    for (name, value) in node.entries() {
        // `Fn::ForEach` and `Fn::Transform` can stand beside properties.
        if !known.contains(&name.as_str()) && !name.starts_with("Fn::") {
            let message = format!("unknown property `{name}` of {what}");
            warn(value.line, message, name, known, diagnostics);
        }
    }
}

fn warn(line: usize, message: String, name: &str, known: &[&str], diagnostics: &mut Diagnostics) {
    let warning = Diagnostic::new(line, message);
    diagnostics.warn(match nearest(name, known) {
        Some(near) => warning.hint(format!("did you mean `{near}`?")),
        None => warning,
    });
}

/// Checks whether a value is the result of an intrinsic function.
fn is_call(node: &Node) -> bool {
    match &node.value {
        NodeValue::Map(entries) => match entries.as_slice() {
            [(name, _)] => name == "Ref" || name.starts_with("Fn::"),
            _ => false,
        },
        _ => false,
    }
}
