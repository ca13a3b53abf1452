// Written by scripts/generate-schema: do not edit.

extension KubernetesSchema {
  /// Kubernetes' types and resources; the form is told in docs/adr/0006-schema.md.
  static let data = """
    schema 1 kubernetes 1.36.2
    package io.k8s.api.admissionregistration.v1 admissionregistration.k8s.io/v1
    ApplyConfiguration expression=1:s
    AuditAnnotation key=1:s!#"" valueExpression=2:s!#""
    ExpressionWarning fieldRef=2:s!#"" warning=3:s!#""
    JSONPatch expression=1:s
    MatchCondition expression=2:s!#"" name=1:s!#""
    MatchResources excludeResourceRules=4:[NamedRuleWithOperations@a%a matchPolicy=7:s*%a|Equivalent|Exact namespaceSelector=1:21.LabelSelector%a objectSelector=2:21.LabelSelector%a resourceRules=3:[NamedRuleWithOperations@a%a
    MutatingAdmissionPolicy! metadata=1:21.ObjectMeta#{} spec=2:MutatingAdmissionPolicySpec#{}
    MutatingAdmissionPolicyBinding! metadata=1:21.ObjectMeta#{} spec=2:MutatingAdmissionPolicyBindingSpec#{}
    MutatingAdmissionPolicyBindingList! items=2:[MutatingAdmissionPolicyBinding! metadata=1:21.ListMeta#{}
    MutatingAdmissionPolicyBindingSpec matchResources=3:MatchResources paramRef=2:ParamRef policyName=1:s
    MutatingAdmissionPolicyList! items=2:[MutatingAdmissionPolicy! metadata=1:21.ListMeta#{}
    MutatingAdmissionPolicySpec failurePolicy=5:s*|Fail|Ignore matchConditions=6:[MatchCondition@mname+mname matchConstraints=2:MatchResources mutations=4:[Mutation@a paramKind=1:ParamKind reinvocationPolicy=7:s|IfNeeded|Never variables=3:[Variable@a
    MutatingWebhook admissionReviewVersions=8:[s!@a clientConfig=2:WebhookClientConfig!#{} failurePolicy=4:s*|Fail|Ignore matchConditions=12:[MatchCondition@mname+mname matchPolicy=9:s*|Equivalent|Exact name=1:s!#"" namespaceSelector=5:21.LabelSelector objectSelector=11:21.LabelSelector reinvocationPolicy=10:s*|IfNeeded|Never rules=3:[RuleWithOperations@a sideEffects=6:s!*|None|NoneOnDryRun|Some|Unknown timeoutSeconds=7:i*
    MutatingWebhookConfiguration! metadata=1:21.ObjectMeta#{} webhooks=2:[MutatingWebhook@mname+mname
    MutatingWebhookConfigurationList! items=2:[MutatingWebhookConfiguration! metadata=1:21.ListMeta#{}
    Mutation applyConfiguration=3:ApplyConfiguration jsonPatch=4:JSONPatch patchType=2:s!#""|ApplyConfiguration|JSONPatch
    NamedRuleWithOperations apiGroups=2/2/1:[s@a%a apiVersions=2/2/2:[s@a%a operations=2/1:[s@a%a resourceNames=1:[s@a%a resources=2/2/3:[s@a%a scope=2/2/4:s*%a|*|Cluster|Namespaced
    ParamKind apiVersion=1:s%a kind=2:s%a
    ParamRef name=1:s%a namespace=2:s%a parameterNotFoundAction=4:s*%a selector=3:21.LabelSelector%a
    RuleWithOperations apiGroups=2/1:[s@a apiVersions=2/2:[s@a operations=1:[s@a resources=2/3:[s@a scope=2/4:s*|*|Cluster|Namespaced
    ServiceReference name=2:s!#"" namespace=1:s!#"" path=3:s* port=4:i*
    TypeChecking expressionWarnings=1:[ExpressionWarning@a
    ValidatingAdmissionPolicy! metadata=1:21.ObjectMeta#{} spec=2:ValidatingAdmissionPolicySpec#{} status=3:ValidatingAdmissionPolicyStatus#{}
    ValidatingAdmissionPolicyBinding! metadata=1:21.ObjectMeta#{} spec=2:ValidatingAdmissionPolicyBindingSpec!#{}
    ValidatingAdmissionPolicyBindingList! items=2:[ValidatingAdmissionPolicyBinding! metadata=1:21.ListMeta#{}
    ValidatingAdmissionPolicyBindingSpec matchResources=3:MatchResources paramRef=2:ParamRef policyName=1:s! validationActions=4:[s!@s
    ValidatingAdmissionPolicyList! items=2:[ValidatingAdmissionPolicy! metadata=1:21.ListMeta#{}
    ValidatingAdmissionPolicySpec auditAnnotations=5:[AuditAnnotation@a failurePolicy=4:s*|Fail|Ignore matchConditions=6:[MatchCondition@mname+mname matchConstraints=2:MatchResources paramKind=1:ParamKind validations=3:[Validation@a variables=7:[Variable@mname+mname
    ValidatingAdmissionPolicyStatus conditions=3:[21.Condition@mtype observedGeneration=1:l typeChecking=2:TypeChecking
    ValidatingWebhook admissionReviewVersions=8:[s!@a clientConfig=2:WebhookClientConfig!#{} failurePolicy=4:s*|Fail|Ignore matchConditions=11:[MatchCondition@mname+mname matchPolicy=9:s*|Equivalent|Exact name=1:s!#"" namespaceSelector=5:21.LabelSelector objectSelector=10:21.LabelSelector rules=3:[RuleWithOperations@a sideEffects=6:s!*|None|NoneOnDryRun|Some|Unknown timeoutSeconds=7:i*
    ValidatingWebhookConfiguration! metadata=1:21.ObjectMeta#{} webhooks=2:[ValidatingWebhook@mname+mname
    ValidatingWebhookConfigurationList! items=2:[ValidatingWebhookConfiguration! metadata=1:21.ListMeta#{}
    Validation expression=1:s!#"" message=2:s messageExpression=4:s reason=3:s*
    Variable expression=2:s!%a#"" name=1:s!%a#""
    WebhookClientConfig caBundle=2:y service=1:ServiceReference url=3:s*
    package io.k8s.api.apps.v1 apps/v1
    ControllerRevision! data=2:* metadata=1:21.ObjectMeta#{} revision=3:l!#0
    ControllerRevisionList! items=2:[ControllerRevision! metadata=1:21.ListMeta#{}
    DaemonSet! metadata=1:21.ObjectMeta#{} spec=2:DaemonSetSpec#{} status=3:DaemonSetStatus#{}
    DaemonSetCondition lastTransitionTime=3:t message=5:s reason=4:s status=2:s!#"" type=1:s!#""
    DaemonSetList! items=2:[DaemonSet! metadata=1:21.ListMeta#{}
    DaemonSetSpec minReadySeconds=4:i revisionHistoryLimit=6:i* selector=1:21.LabelSelector! template=2:9.PodTemplateSpec!#{} updateStrategy=3:DaemonSetUpdateStrategy#{}
    DaemonSetStatus collisionCount=9:i* conditions=10:[DaemonSetCondition@mtype+mtype currentNumberScheduled=1:i!#0 desiredNumberScheduled=3:i!#0 numberAvailable=7:i numberMisscheduled=2:i!#0 numberReady=4:i!#0 numberUnavailable=8:i observedGeneration=5:l updatedNumberScheduled=6:i
    DaemonSetUpdateStrategy rollingUpdate=2:RollingUpdateDaemonSet type=1:s|OnDelete|RollingUpdate
    Deployment! metadata=1:21.ObjectMeta#{} spec=2:DeploymentSpec#{} status=3:DeploymentStatus#{}
    DeploymentCondition lastTransitionTime=7:t lastUpdateTime=6:t message=5:s reason=4:s status=2:s!#"" type=1:s!#""
    DeploymentList! items=2:[Deployment! metadata=1:21.ListMeta#{}
    DeploymentSpec minReadySeconds=5:i paused=7:b progressDeadlineSeconds=9:i* replicas=1:i* revisionHistoryLimit=6:i* selector=2:21.LabelSelector! strategy=4:DeploymentStrategy+r#{} template=3:9.PodTemplateSpec!#{}
    DeploymentStatus availableReplicas=4:i collisionCount=8:i* conditions=6:[DeploymentCondition@mtype+mtype observedGeneration=1:l readyReplicas=7:i replicas=2:i terminatingReplicas=9:i* unavailableReplicas=5:i updatedReplicas=3:i
    DeploymentStrategy rollingUpdate=2:RollingUpdateDeployment type=1:s|Recreate|RollingUpdate
    ReplicaSet! metadata=1:21.ObjectMeta#{} spec=2:ReplicaSetSpec#{} status=3:ReplicaSetStatus#{}
    ReplicaSetCondition lastTransitionTime=3:t message=5:s reason=4:s status=2:s!#"" type=1:s!#""
    ReplicaSetList! items=2:[ReplicaSet! metadata=1:21.ListMeta#{}
    ReplicaSetSpec minReadySeconds=4:i replicas=1:i* selector=2:21.LabelSelector! template=3:9.PodTemplateSpec#{}
    ReplicaSetStatus availableReplicas=5:i conditions=6:[ReplicaSetCondition@mtype+mtype fullyLabeledReplicas=2:i observedGeneration=3:l readyReplicas=4:i replicas=1:i!#0 terminatingReplicas=7:i*
    RollingUpdateDaemonSet maxSurge=2:x maxUnavailable=1:x
    RollingUpdateDeployment maxSurge=2:x maxUnavailable=1:x
    RollingUpdateStatefulSetStrategy maxUnavailable=2:x partition=1:i*
    StatefulSet! metadata=1:21.ObjectMeta#{} spec=2:StatefulSetSpec#{} status=3:StatefulSetStatus#{}
    StatefulSetCondition lastTransitionTime=3:t message=5:s reason=4:s status=2:s!#"" type=1:s!#""
    StatefulSetList! items=2:[StatefulSet! metadata=1:21.ListMeta#{}
    StatefulSetOrdinals start=1:i#0
    StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted=1:s whenScaled=2:s
    StatefulSetSpec minReadySeconds=9:i ordinals=11:StatefulSetOrdinals persistentVolumeClaimRetentionPolicy=10:StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy=6:s|OrderedReady|Parallel replicas=1:i* revisionHistoryLimit=8:i* selector=2:21.LabelSelector! serviceName=5:s#"" template=3:9.PodTemplateSpec!#{} updateStrategy=7:StatefulSetUpdateStrategy#{} volumeClaimTemplates=4:[9.PersistentVolumeClaim@a
    StatefulSetStatus availableReplicas=11:i#0 collisionCount=9:i* conditions=10:[StatefulSetCondition@mtype+mtype currentReplicas=4:i currentRevision=6:s observedGeneration=1:l readyReplicas=3:i replicas=2:i!#0 updateRevision=7:s updatedReplicas=5:i
    StatefulSetUpdateStrategy rollingUpdate=2:RollingUpdateStatefulSetStrategy type=1:s|OnDelete|RollingUpdate
    package io.k8s.api.authentication.v1 authentication.k8s.io/v1
    BoundObjectReference apiVersion=2:s kind=1:s name=3:s uid=4:s
    SelfSubjectReview! metadata=1:21.ObjectMeta#{} status=2:SelfSubjectReviewStatus#{}
    SelfSubjectReviewStatus userInfo=1:UserInfo#{}
    TokenRequest! metadata=1:21.ObjectMeta#{} spec=2:TokenRequestSpec#{} status=3:TokenRequestStatus#{}
    TokenRequestSpec audiences=1:[s@a boundObjectRef=3:BoundObjectReference expirationSeconds=4:l*
    TokenRequestStatus expirationTimestamp=2:t token=1:s#""
    TokenReview! metadata=1:21.ObjectMeta#{} spec=2:TokenReviewSpec!#{} status=3:TokenReviewStatus#{}
    TokenReviewSpec audiences=2:[s@a token=1:s!
    TokenReviewStatus audiences=4:[s@a authenticated=1:b error=3:s user=2:UserInfo#{}
    UserInfo extra=4:{[s groups=3:[s@a uid=2:s username=1:s
    package io.k8s.api.authorization.v1 authorization.k8s.io/v1
    FieldSelectorAttributes rawSelector=1:s requirements=2:[21.FieldSelectorRequirement@a
    LabelSelectorAttributes rawSelector=1:s requirements=2:[21.LabelSelectorRequirement@a
    LocalSubjectAccessReview! metadata=1:21.ObjectMeta#{} spec=2:SubjectAccessReviewSpec!#{} status=3:SubjectAccessReviewStatus#{}
    NonResourceAttributes path=1:s verb=2:s
    NonResourceRule nonResourceURLs=2:[s@a verbs=1:[s!@a
    ResourceAttributes fieldSelector=8:FieldSelectorAttributes group=3:s labelSelector=9:LabelSelectorAttributes name=7:s namespace=1:s resource=5:s subresource=6:s verb=2:s version=4:s
    ResourceRule apiGroups=2:[s@a resourceNames=4:[s@a resources=3:[s@a verbs=1:[s!@a
    SelfSubjectAccessReview! metadata=1:21.ObjectMeta#{} spec=2:SelfSubjectAccessReviewSpec!#{} status=3:SubjectAccessReviewStatus#{}
    SelfSubjectAccessReviewSpec nonResourceAttributes=2:NonResourceAttributes resourceAttributes=1:ResourceAttributes
    SelfSubjectRulesReview! metadata=1:21.ObjectMeta#{} spec=2:SelfSubjectRulesReviewSpec!#{} status=3:SubjectRulesReviewStatus#{}
    SelfSubjectRulesReviewSpec namespace=1:s
    SubjectAccessReview! metadata=1:21.ObjectMeta#{} spec=2:SubjectAccessReviewSpec!#{} status=3:SubjectAccessReviewStatus#{}
    SubjectAccessReviewSpec extra=5:{[s groups=4:[s@a nonResourceAttributes=2:NonResourceAttributes resourceAttributes=1:ResourceAttributes uid=6:s user=3:s
    SubjectAccessReviewStatus allowed=1:b!#false denied=4:b evaluationError=3:s reason=2:s
    SubjectRulesReviewStatus evaluationError=4:s incomplete=3:b!#false nonResourceRules=2:[NonResourceRule!@a resourceRules=1:[ResourceRule!@a
    package io.k8s.api.autoscaling.v1 autoscaling/v1
    CrossVersionObjectReference apiVersion=3:s%a kind=1:s!%a#"" name=2:s!%a#""
    HorizontalPodAutoscaler! metadata=1:21.ObjectMeta#{} spec=2:HorizontalPodAutoscalerSpec!#{} status=3:HorizontalPodAutoscalerStatus#{}
    HorizontalPodAutoscalerList! items=2:[HorizontalPodAutoscaler! metadata=1:21.ListMeta#{}
    HorizontalPodAutoscalerSpec maxReplicas=3:i!#0 minReplicas=2:i* scaleTargetRef=1:CrossVersionObjectReference!#{} targetCPUUtilizationPercentage=4:i*
    HorizontalPodAutoscalerStatus currentCPUUtilizationPercentage=5:i* currentReplicas=3:i!#0 desiredReplicas=4:i!#0 lastScaleTime=2:t observedGeneration=1:l*
    Scale! metadata=1:21.ObjectMeta#{} spec=2:ScaleSpec#{} status=3:ScaleStatus#{}
    ScaleSpec replicas=1:i#0
    ScaleStatus replicas=1:i!#0 selector=2:s
    package io.k8s.api.autoscaling.v2 autoscaling/v2
    ContainerResourceMetricSource container=3:s!#"" name=1:s!#"" target=2:MetricTarget!#{}
    ContainerResourceMetricStatus container=3:s!#"" current=2:MetricValueStatus!#{} name=1:s!#""
    CrossVersionObjectReference apiVersion=3:s kind=1:s!#"" name=2:s!#""
    ExternalMetricSource metric=1:MetricIdentifier!#{} target=2:MetricTarget!#{}
    ExternalMetricStatus current=2:MetricValueStatus!#{} metric=1:MetricIdentifier!#{}
    HPAScalingPolicy periodSeconds=3:i!#0 type=1:s!#"" value=2:i!#0
    HPAScalingRules policies=2:[HPAScalingPolicy@a selectPolicy=1:s* stabilizationWindowSeconds=3:i* tolerance=4:q
    HorizontalPodAutoscaler! metadata=1:21.ObjectMeta#{} spec=2:HorizontalPodAutoscalerSpec!#{} status=3:HorizontalPodAutoscalerStatus#{}
    HorizontalPodAutoscalerBehavior scaleDown=2:HPAScalingRules scaleUp=1:HPAScalingRules
    HorizontalPodAutoscalerCondition lastTransitionTime=3:t message=5:s reason=4:s status=2:s!#"" type=1:s!#""
    HorizontalPodAutoscalerList! items=2:[HorizontalPodAutoscaler! metadata=1:21.ListMeta#{}
    HorizontalPodAutoscalerSpec behavior=5:HorizontalPodAutoscalerBehavior maxReplicas=3:i!#0 metrics=4:[MetricSpec@a minReplicas=2:i* scaleTargetRef=1:CrossVersionObjectReference!#{}
    HorizontalPodAutoscalerStatus conditions=6:[HorizontalPodAutoscalerCondition@mtype+mtype currentMetrics=5:[MetricStatus@a currentReplicas=3:i desiredReplicas=4:i!#0 lastScaleTime=2:t observedGeneration=1:l*
    MetricIdentifier name=1:s!#"" selector=2:21.LabelSelector
    MetricSpec containerResource=7:ContainerResourceMetricSource external=5:ExternalMetricSource object=2:ObjectMetricSource pods=3:PodsMetricSource resource=4:ResourceMetricSource type=1:s!#""
    MetricStatus containerResource=7:ContainerResourceMetricStatus external=5:ExternalMetricStatus object=2:ObjectMetricStatus pods=3:PodsMetricStatus resource=4:ResourceMetricStatus type=1:s!#""
    MetricTarget averageUtilization=4:i* averageValue=3:q type=1:s!#"" value=2:q
    MetricValueStatus averageUtilization=3:i* averageValue=2:q value=1:q
    ObjectMetricSource describedObject=1:CrossVersionObjectReference!#{} metric=3:MetricIdentifier!#{} target=2:MetricTarget!#{}
    ObjectMetricStatus current=2:MetricValueStatus!#{} describedObject=3:CrossVersionObjectReference!#{} metric=1:MetricIdentifier!#{}
    PodsMetricSource metric=1:MetricIdentifier!#{} target=2:MetricTarget!#{}
    PodsMetricStatus current=2:MetricValueStatus!#{} metric=1:MetricIdentifier!#{}
    ResourceMetricSource name=1:s!#"" target=2:MetricTarget!#{}
    ResourceMetricStatus current=2:MetricValueStatus!#{} name=1:s!#""
    package io.k8s.api.batch.v1 batch/v1
    CronJob! metadata=1:21.ObjectMeta#{} spec=2:CronJobSpec!#{} status=3:CronJobStatus#{}
    CronJobList! items=2:[CronJob! metadata=1:21.ListMeta#{}
    CronJobSpec concurrencyPolicy=3:s|Allow|Forbid|Replace failedJobsHistoryLimit=7:i* jobTemplate=5:JobTemplateSpec!#{} schedule=1:s!#"" startingDeadlineSeconds=2:l* successfulJobsHistoryLimit=6:i* suspend=4:b* timeZone=8:s*
    CronJobStatus active=1:[9.ObjectReference@a lastScheduleTime=4:t lastSuccessfulTime=5:t
    Job! metadata=1:21.ObjectMeta#{} spec=2:JobSpec#{} status=3:JobStatus#{}
    JobCondition lastProbeTime=3:t lastTransitionTime=4:t message=6:s reason=5:s status=2:s!#"" type=1:s!#""
    JobList! items=2:[Job! metadata=1:21.ListMeta#{}
    JobSpec activeDeadlineSeconds=3:l* backoffLimit=7:i* backoffLimitPerIndex=12:i* completionMode=9:s*|Indexed|NonIndexed completions=2:i* managedBy=15:s* manualSelector=5:b* maxFailedIndexes=13:i* parallelism=1:i* podFailurePolicy=11:PodFailurePolicy podReplacementPolicy=14:s*|Failed|TerminatingOrFailed selector=4:21.LabelSelector successPolicy=16:SuccessPolicy suspend=10:b* template=6:9.PodTemplateSpec!#{} ttlSecondsAfterFinished=8:i*
    JobStatus active=4:i completedIndexes=7:s completionTime=3:t conditions=1:[JobCondition@a+mtype failed=6:i failedIndexes=10:s* ready=9:i* startTime=2:t succeeded=5:i terminating=11:i* uncountedTerminatedPods=8:UncountedTerminatedPods
    JobTemplateSpec metadata=1:21.ObjectMeta#{} spec=2:JobSpec#{}
    PodFailurePolicy rules=1:[PodFailurePolicyRule!@a
    PodFailurePolicyOnExitCodesRequirement containerName=1:s* operator=2:s!#""|In|NotIn values=3:[i!@s
    PodFailurePolicyOnPodConditionsPattern status=2:s#"" type=1:s!#""
    PodFailurePolicyRule action=1:s!#""|Count|FailIndex|FailJob|Ignore onExitCodes=2:PodFailurePolicyOnExitCodesRequirement onPodConditions=3:[PodFailurePolicyOnPodConditionsPattern@a
    SuccessPolicy rules=1:[SuccessPolicyRule!@a
    SuccessPolicyRule succeededCount=2:i* succeededIndexes=1:s*
    UncountedTerminatedPods failed=2:[s@s succeeded=1:[s@s
    package io.k8s.api.certificates.v1 certificates.k8s.io/v1
    CertificateSigningRequest! metadata=1:21.ObjectMeta#{} spec=2:CertificateSigningRequestSpec!#{} status=3:CertificateSigningRequestStatus#{}
    CertificateSigningRequestCondition lastTransitionTime=5:t lastUpdateTime=4:t message=3:s reason=2:s status=6:s!#"" type=1:s!#""
    CertificateSigningRequestList! items=2:[CertificateSigningRequest! metadata=1:21.ListMeta#{}
    CertificateSigningRequestSpec expirationSeconds=8:i* extra=6:{[s groups=4:[s@a request=1:y! signerName=7:s!#"" uid=3:s usages=5:[s@a username=2:s
    CertificateSigningRequestStatus certificate=2:y conditions=1:[CertificateSigningRequestCondition@mtype
    package io.k8s.api.coordination.v1 coordination.k8s.io/v1
    Lease! metadata=1:21.ObjectMeta#{} spec=2:LeaseSpec#{}
    LeaseList! items=2:[Lease! metadata=1:21.ListMeta#{}
    LeaseSpec acquireTime=3:u holderIdentity=1:s* leaseDurationSeconds=2:i* leaseTransitions=5:i* preferredHolder=7:s* renewTime=4:u strategy=6:s*
    package io.k8s.api.core.v1 v1
    AWSElasticBlockStoreVolumeSource fsType=2:s partition=3:i readOnly=4:b volumeID=1:s!#""
    Affinity nodeAffinity=1:NodeAffinity podAffinity=2:PodAffinity podAntiAffinity=3:PodAntiAffinity
    AppArmorProfile localhostProfile=2:s* type=1:s!#""|Localhost|RuntimeDefault|Unconfined
    AttachedVolume devicePath=2:s!#"" name=1:s!#""
    AzureDiskVolumeSource cachingMode=3:s*#"ReadWrite"|None|ReadOnly|ReadWrite diskName=1:s!#"" diskURI=2:s!#"" fsType=4:s*#"ext4" kind=6:s*#"Shared"|Dedicated|Managed|Shared readOnly=5:b*#false
    AzureFilePersistentVolumeSource readOnly=3:b secretName=1:s!#"" secretNamespace=4:s* shareName=2:s!#""
    AzureFileVolumeSource readOnly=3:b secretName=1:s!#"" shareName=2:s!#""
    Binding! metadata=1:21.ObjectMeta#{} target=2:ObjectReference!#{}
    CSIPersistentVolumeSource controllerExpandSecretRef=9:SecretReference controllerPublishSecretRef=6:SecretReference driver=1:s!#"" fsType=4:s nodeExpandSecretRef=10:SecretReference nodePublishSecretRef=8:SecretReference nodeStageSecretRef=7:SecretReference readOnly=3:b volumeAttributes=5:{s volumeHandle=2:s!#""
    CSIVolumeSource driver=1:s!#"" fsType=3:s* nodePublishSecretRef=5:LocalObjectReference readOnly=2:b* volumeAttributes=4:{s
    Capabilities add=1:[s@a drop=2:[s@a
    CephFSPersistentVolumeSource monitors=1:[s!@a path=2:s readOnly=6:b secretFile=4:s secretRef=5:SecretReference user=3:s
    CephFSVolumeSource monitors=1:[s!@a path=2:s readOnly=6:b secretFile=4:s secretRef=5:LocalObjectReference user=3:s
    CinderPersistentVolumeSource fsType=2:s readOnly=3:b secretRef=4:SecretReference volumeID=1:s!#""
    CinderVolumeSource fsType=2:s readOnly=3:b secretRef=4:LocalObjectReference volumeID=1:s!#""
    ClientIPConfig timeoutSeconds=1:i*
    ClusterTrustBundleProjection labelSelector=3:21.LabelSelector name=1:s* optional=5:b* path=4:s!#"" signerName=2:s*
    ComponentCondition error=4:s message=3:s status=2:s!#"" type=1:s!#""
    ComponentStatus! conditions=2:[ComponentCondition@mtype+mtype metadata=1:21.ObjectMeta#{}
    ComponentStatusList! items=2:[ComponentStatus! metadata=1:21.ListMeta#{}
    ConfigMap! binaryData=3:{y data=2:{s immutable=4:b* metadata=1:21.ObjectMeta#{}
    ConfigMapEnvSource name=1/1:s#"" optional=2:b*
    ConfigMapKeySelector key=2:s!%a#"" name=1/1:s%a#"" optional=3:b*%a
    ConfigMapList! items=2:[ConfigMap! metadata=1:21.ListMeta#{}
    ConfigMapNodeConfigSource kubeletConfigKey=5:s!#"" name=2:s!#"" namespace=1:s!#"" resourceVersion=4:s uid=3:s
    ConfigMapProjection items=2:[KeyToPath@a name=1/1:s#"" optional=4:b*
    ConfigMapVolumeSource defaultMode=3:i* items=2:[KeyToPath@a name=1/1:s#"" optional=4:b*
    Container args=4:[s@a command=3:[s@a env=7:[EnvVar@mname+mname envFrom=19:[EnvFromSource@a image=2:s imagePullPolicy=14:s|Always|IfNotPresent|Never lifecycle=12:Lifecycle livenessProbe=10:Probe name=1:s!#"" ports=6:[ContainerPort@mcontainerPort,protocol+mcontainerPort readinessProbe=11:Probe resizePolicy=23:[ContainerResizePolicy@a resources=8:ResourceRequirements#{} restartPolicy=24:s* restartPolicyRules=25:[ContainerRestartRule@a securityContext=15:SecurityContext startupProbe=22:Probe stdin=16:b stdinOnce=17:b terminationMessagePath=13:s terminationMessagePolicy=20:s|FallbackToLogsOnError|File tty=18:b volumeDevices=21:[VolumeDevice@mdevicePath+mdevicePath volumeMounts=9:[VolumeMount@mmountPath+mmountPath workingDir=5:s
    ContainerExtendedResourceRequest containerName=1:s!#"" requestName=3:s!#"" resourceName=2:s!#""
    ContainerImage names=1:[s@a sizeBytes=2:l
    ContainerPort containerPort=3:i!#0 hostIP=5:s hostPort=2:i name=1:s protocol=4:s#"TCP"|SCTP|TCP|UDP
    ContainerResizePolicy resourceName=1:s!#"" restartPolicy=2:s!#""
    ContainerRestartRule action=1:s! exitCodes=2:ContainerRestartRuleOnExitCodes
    ContainerRestartRuleOnExitCodes operator=1:s! values=2:[i@s
    ContainerState running=2:ContainerStateRunning terminated=3:ContainerStateTerminated waiting=1:ContainerStateWaiting
    ContainerStateRunning startedAt=1:t
    ContainerStateTerminated containerID=7:s exitCode=1:i!#0 finishedAt=6:t message=4:s reason=3:s signal=2:i startedAt=5:t
    ContainerStateWaiting message=2:s reason=1:s
    ContainerStatus allocatedResources=10:{q allocatedResourcesStatus=14:[ResourceStatus@mname+mname containerID=8:s image=6:s!#"" imageID=7:s!#"" lastState=3:ContainerState#{} name=1:s!#"" ready=4:b!#false resources=11:ResourceRequirements restartCount=5:i!#0 started=9:b* state=2:ContainerState#{} stopSignal=15:s*|SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ user=13:ContainerUser volumeMounts=12:[VolumeMountStatus@mmountPath+mmountPath
    ContainerUser linux=1:LinuxContainerUser
    DaemonEndpoint Port=1:i!#0
    DownwardAPIProjection items=1:[DownwardAPIVolumeFile@a
    DownwardAPIVolumeFile fieldRef=2:ObjectFieldSelector mode=4:i* path=1:s!#"" resourceFieldRef=3:ResourceFieldSelector
    DownwardAPIVolumeSource defaultMode=2:i* items=1:[DownwardAPIVolumeFile@a
    EmptyDirVolumeSource medium=1:s sizeLimit=2:q
    EndpointAddress hostname=3:s%a ip=1:s!%a#"" nodeName=4:s*%a targetRef=2:ObjectReference%a
    EndpointPort appProtocol=4:s*%a name=1:s%a port=2:i!%a#0 protocol=3:s%a|SCTP|TCP|UDP
    EndpointSubset addresses=1:[EndpointAddress@a notReadyAddresses=2:[EndpointAddress@a ports=3:[EndpointPort@a
    Endpoints! metadata=1:21.ObjectMeta#{} subsets=2:[EndpointSubset@a
    EndpointsList! items=2:[Endpoints! metadata=1:21.ListMeta#{}
    EnvFromSource configMapRef=2:ConfigMapEnvSource prefix=1:s secretRef=3:SecretEnvSource
    EnvVar name=1:s!#"" value=2:s valueFrom=3:EnvVarSource
    EnvVarSource configMapKeyRef=3:ConfigMapKeySelector fieldRef=1:ObjectFieldSelector fileKeyRef=5:FileKeySelector resourceFieldRef=2:ResourceFieldSelector secretKeyRef=4:SecretKeySelector
    EphemeralContainer args=1/4:[s@a command=1/3:[s@a env=1/7:[EnvVar@mname+mname envFrom=1/19:[EnvFromSource@a image=1/2:s imagePullPolicy=1/14:s|Always|IfNotPresent|Never lifecycle=1/12:Lifecycle livenessProbe=1/10:Probe name=1/1:s!#"" ports=1/6:[ContainerPort@mcontainerPort,protocol+mcontainerPort readinessProbe=1/11:Probe resizePolicy=1/23:[ContainerResizePolicy@a resources=1/8:ResourceRequirements#{} restartPolicy=1/24:s* restartPolicyRules=1/25:[ContainerRestartRule@a securityContext=1/15:SecurityContext startupProbe=1/22:Probe stdin=1/16:b stdinOnce=1/17:b targetContainerName=2:s terminationMessagePath=1/13:s terminationMessagePolicy=1/20:s|FallbackToLogsOnError|File tty=1/18:b volumeDevices=1/21:[VolumeDevice@mdevicePath+mdevicePath volumeMounts=1/9:[VolumeMount@mmountPath+mmountPath workingDir=1/5:s
    EphemeralVolumeSource volumeClaimTemplate=1:PersistentVolumeClaimTemplate
    Event! action=12:s count=8:i eventTime=10:u firstTimestamp=6:t involvedObject=2:ObjectReference!#{} lastTimestamp=7:t message=4:s metadata=1:21.ObjectMeta!#{} reason=3:s related=13:ObjectReference reportingComponent=14:s#"" reportingInstance=15:s#"" series=11:EventSeries source=5:EventSource#{} type=9:s
    EventList! items=2:[Event! metadata=1:21.ListMeta#{}
    EventSeries count=1:i lastObservedTime=2:u
    EventSource component=1:s host=2:s
    ExecAction command=1:[s@a
    FCVolumeSource fsType=3:s lun=2:i* readOnly=4:b targetWWNs=1:[s@a wwids=5:[s@a
    FileKeySelector key=3:s!%a#"" optional=4:b*%a#false path=2:s!%a#"" volumeName=1:s!%a#""
    FlexPersistentVolumeSource driver=1:s!#"" fsType=2:s options=5:{s readOnly=4:b secretRef=3:SecretReference
    FlexVolumeSource driver=1:s!#"" fsType=2:s options=5:{s readOnly=4:b secretRef=3:LocalObjectReference
    FlockerVolumeSource datasetName=1:s datasetUUID=2:s
    GCEPersistentDiskVolumeSource fsType=2:s partition=3:i pdName=1:s!#"" readOnly=4:b
    GRPCAction port=1:i!#0 service=2:s*#""
    GitRepoVolumeSource directory=3:s repository=1:s!#"" revision=2:s
    GlusterfsPersistentVolumeSource endpoints=1:s!#"" endpointsNamespace=4:s* path=2:s!#"" readOnly=3:b
    GlusterfsVolumeSource endpoints=1:s!#"" path=2:s!#"" readOnly=3:b
    HTTPGetAction host=3:s httpHeaders=5:[HTTPHeader@a path=1:s port=2:x! scheme=4:s|HTTP|HTTPS
    HTTPHeader name=1:s!#"" value=2:s!#""
    HostAlias hostnames=2:[s@a ip=1:s!#""
    HostIP ip=1:s!#""
    HostPathVolumeSource path=1:s!#"" type=2:s*||BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket
    ISCSIPersistentVolumeSource chapAuthDiscovery=8:b chapAuthSession=11:b fsType=5:s initiatorName=12:s* iqn=2:s!#"" iscsiInterface=4:s#"default" lun=3:i!#0 portals=7:[s@a readOnly=6:b secretRef=10:SecretReference targetPortal=1:s!#""
    ISCSIVolumeSource chapAuthDiscovery=8:b chapAuthSession=11:b fsType=5:s initiatorName=12:s* iqn=2:s!#"" iscsiInterface=4:s#"default" lun=3:i!#0 portals=7:[s@a readOnly=6:b secretRef=10:LocalObjectReference targetPortal=1:s!#""
    ImageVolumeSource pullPolicy=2:s|Always|IfNotPresent|Never reference=1:s
    ImageVolumeStatus imageRef=1:s!
    KeyToPath key=1:s!#"" mode=3:i* path=2:s!#""
    Lifecycle postStart=1:LifecycleHandler preStop=2:LifecycleHandler stopSignal=3:s*|SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
    LifecycleHandler exec=1:ExecAction httpGet=2:HTTPGetAction sleep=4:SleepAction tcpSocket=3:TCPSocketAction
    LimitRange! metadata=1:21.ObjectMeta#{} spec=2:LimitRangeSpec#{}
    LimitRangeItem default=4:{q defaultRequest=5:{q max=2:{q maxLimitRequestRatio=6:{q min=3:{q type=1:s!#""
    LimitRangeList! items=2:[LimitRange! metadata=1:21.ListMeta#{}
    LimitRangeSpec limits=1:[LimitRangeItem!@a
    LinuxContainerUser gid=2:l!#0 supplementalGroups=3:[l@a uid=1:l!#0
    LoadBalancerIngress hostname=2:s ip=1:s ipMode=3:s* ports=4:[PortStatus@a
    LoadBalancerStatus ingress=1:[LoadBalancerIngress@a
    LocalObjectReference name=1:s%a#""
    LocalVolumeSource fsType=2:s* path=1:s!#""
    ModifyVolumeStatus status=2:s!#""|InProgress|Infeasible|Pending targetVolumeAttributesClassName=1:s
    NFSVolumeSource path=2:s!#"" readOnly=3:b server=1:s!#""
    Namespace! metadata=1:21.ObjectMeta#{} spec=2:NamespaceSpec#{} status=3:NamespaceStatus#{}
    NamespaceCondition lastTransitionTime=4:t message=6:s reason=5:s status=2:s!#"" type=1:s!#""
    NamespaceList! items=2:[Namespace! metadata=1:21.ListMeta#{}
    NamespaceSpec finalizers=1:[s@a
    NamespaceStatus conditions=2:[NamespaceCondition@mtype+mtype phase=1:s|Active|Terminating
    Node! metadata=1:21.ObjectMeta#{} spec=2:NodeSpec#{} status=3:NodeStatus#{}
    NodeAddress address=2:s!#"" type=1:s!#""
    NodeAffinity preferredDuringSchedulingIgnoredDuringExecution=2:[PreferredSchedulingTerm@a requiredDuringSchedulingIgnoredDuringExecution=1:NodeSelector
    NodeAllocatableResourceClaimStatus containers=2:[s@s resourceClaimName=1:s!#"" resources=3:{q!
    NodeCondition lastHeartbeatTime=3:t lastTransitionTime=4:t message=6:s reason=5:s status=2:s!#"" type=1:s!#""
    NodeConfigSource configMap=2:ConfigMapNodeConfigSource
    NodeConfigStatus active=2:NodeConfigSource assigned=1:NodeConfigSource error=4:s lastKnownGood=3:NodeConfigSource
    NodeDaemonEndpoints kubeletEndpoint=1:DaemonEndpoint#{}
    NodeFeatures supplementalGroupsPolicy=1:b*
    NodeList! items=2:[Node! metadata=1:21.ListMeta#{}
    NodeRuntimeHandler features=2:NodeRuntimeHandlerFeatures name=1:s#""
    NodeRuntimeHandlerFeatures recursiveReadOnlyMounts=1:b* userNamespaces=2:b*
    NodeSelector nodeSelectorTerms=1:[NodeSelectorTerm!@a%a
    NodeSelectorRequirement key=1:s!#"" operator=2:s!#""|DoesNotExist|Exists|Gt|In|Lt|NotIn values=3:[s@a
    NodeSelectorTerm matchExpressions=1:[NodeSelectorRequirement@a%a matchFields=2:[NodeSelectorRequirement@a%a
    NodeSpec configSource=6:NodeConfigSource externalID=2:s podCIDR=1:s podCIDRs=7:[s@s+m providerID=3:s taints=5:[Taint@a unschedulable=4:b
    NodeStatus addresses=5:[NodeAddress@mtype+mtype allocatable=2:{q capacity=1:{q conditions=4:[NodeCondition@mtype+mtype config=11:NodeConfigStatus daemonEndpoints=6:NodeDaemonEndpoints#{} declaredFeatures=14:[s@a features=13:NodeFeatures images=8:[ContainerImage@a nodeInfo=7:NodeSystemInfo#{} phase=3:s|Pending|Running|Terminated runtimeHandlers=12:[NodeRuntimeHandler@a volumesAttached=10:[AttachedVolume@a volumesInUse=9:[s@a
    NodeSwapStatus capacity=1:l*
    NodeSystemInfo architecture=10:s!#"" bootID=3:s!#"" containerRuntimeVersion=6:s!#"" kernelVersion=4:s!#"" kubeProxyVersion=8:s!#"" kubeletVersion=7:s!#"" machineID=1:s!#"" operatingSystem=9:s!#"" osImage=5:s!#"" swap=11:NodeSwapStatus systemUUID=2:s!#""
    ObjectFieldSelector apiVersion=1:s%a fieldPath=2:s!%a#""
    ObjectReference apiVersion=5:s%a fieldPath=7:s%a kind=1:s%a name=3:s%a namespace=2:s%a resourceVersion=6:s%a uid=4:s%a
    PersistentVolume! metadata=1:21.ObjectMeta#{} spec=2:PersistentVolumeSpec#{} status=3:PersistentVolumeStatus#{}
    PersistentVolumeClaim! metadata=1:21.ObjectMeta#{} spec=2:PersistentVolumeClaimSpec#{} status=3:PersistentVolumeClaimStatus#{}
    PersistentVolumeClaimCondition lastProbeTime=3:t lastTransitionTime=4:t message=6:s reason=5:s status=2:s!#"" type=1:s!#""
    PersistentVolumeClaimList! items=2:[PersistentVolumeClaim! metadata=1:21.ListMeta#{}
    PersistentVolumeClaimSpec accessModes=1:[s@a dataSource=7:TypedLocalObjectReference dataSourceRef=8:TypedObjectReference resources=2:VolumeResourceRequirements#{} selector=4:21.LabelSelector storageClassName=5:s* volumeAttributesClassName=9:s* volumeMode=6:s*|Block|Filesystem volumeName=3:s
    PersistentVolumeClaimStatus accessModes=2:[s@a allocatedResourceStatuses=7:{s%g allocatedResources=5:{q capacity=3:{q conditions=4:[PersistentVolumeClaimCondition@mtype+mtype currentVolumeAttributesClassName=8:s* modifyVolumeStatus=9:ModifyVolumeStatus phase=1:s|Bound|Lost|Pending
    PersistentVolumeClaimTemplate metadata=1:21.ObjectMeta#{} spec=2:PersistentVolumeClaimSpec!#{}
    PersistentVolumeClaimVolumeSource claimName=1:s!#"" readOnly=2:b
    PersistentVolumeList! items=2:[PersistentVolume! metadata=1:21.ListMeta#{}
    PersistentVolumeSpec accessModes=3:[s@a awsElasticBlockStore=2/2:AWSElasticBlockStoreVolumeSource azureDisk=2/16:AzureDiskVolumeSource azureFile=2/13:AzureFilePersistentVolumeSource capacity=1:{q cephfs=2/9:CephFSPersistentVolumeSource cinder=2/8:CinderPersistentVolumeSource claimRef=4:ObjectReference%g csi=2/22:CSIPersistentVolumeSource fc=2/10:FCVolumeSource flexVolume=2/12:FlexPersistentVolumeSource flocker=2/11:FlockerVolumeSource gcePersistentDisk=2/1:GCEPersistentDiskVolumeSource glusterfs=2/4:GlusterfsPersistentVolumeSource hostPath=2/3:HostPathVolumeSource iscsi=2/7:ISCSIPersistentVolumeSource local=2/20:LocalVolumeSource mountOptions=7:[s@a nfs=2/5:NFSVolumeSource nodeAffinity=9:VolumeNodeAffinity persistentVolumeReclaimPolicy=5:s|Delete|Recycle|Retain photonPersistentDisk=2/17:PhotonPersistentDiskVolumeSource portworxVolume=2/18:PortworxVolumeSource quobyte=2/15:QuobyteVolumeSource rbd=2/6:RBDPersistentVolumeSource scaleIO=2/19:ScaleIOPersistentVolumeSource storageClassName=6:s storageos=2/21:StorageOSPersistentVolumeSource volumeAttributesClassName=10:s* volumeMode=8:s*|Block|Filesystem vsphereVolume=2/14:VsphereVirtualDiskVolumeSource
    PersistentVolumeStatus lastPhaseTransitionTime=4:t message=2:s phase=1:s|Available|Bound|Failed|Pending|Released reason=3:s
    PhotonPersistentDiskVolumeSource fsType=2:s pdID=1:s!#""
    Pod! metadata=1:21.ObjectMeta#{} spec=2:PodSpec#{} status=3:PodStatus#{}
    PodAffinity preferredDuringSchedulingIgnoredDuringExecution=2:[WeightedPodAffinityTerm@a requiredDuringSchedulingIgnoredDuringExecution=1:[PodAffinityTerm@a
    PodAffinityTerm labelSelector=1:21.LabelSelector matchLabelKeys=5:[s@a mismatchLabelKeys=6:[s@a namespaceSelector=4:21.LabelSelector namespaces=2:[s@a topologyKey=3:s!#""
    PodAntiAffinity preferredDuringSchedulingIgnoredDuringExecution=2:[WeightedPodAffinityTerm@a requiredDuringSchedulingIgnoredDuringExecution=1:[PodAffinityTerm@a
    PodCertificateProjection certificateChainPath=6:s credentialBundlePath=4:s keyPath=5:s keyType=2:s! maxExpirationSeconds=3:i* signerName=1:s! userAnnotations=7:{s
    PodCondition lastProbeTime=3:t lastTransitionTime=4:t message=6:s observedGeneration=7:l reason=5:s status=2:s!#"" type=1:s!#""
    PodDNSConfig nameservers=1:[s@a options=3:[PodDNSConfigOption@a searches=2:[s@a
    PodDNSConfigOption name=1:s value=2:s*
    PodExtendedResourceClaimStatus requestMappings=1:[ContainerExtendedResourceRequest!@a resourceClaimName=2:s!#""
    PodIP ip=1:s!#""
    PodList! items=2:[Pod! metadata=1:21.ListMeta#{}
    PodOS name=1:s!#""
    PodReadinessGate conditionType=1:s!#""
    PodResourceClaim name=1:s!#"" resourceClaimName=3:s* resourceClaimTemplateName=4:s*
    PodResourceClaimStatus name=1:s!#"" resourceClaimName=2:s*
    PodSchedulingGate name=1:s!#""
    PodSchedulingGroup podGroupName=1:s*
    PodSecurityContext appArmorProfile=11:AppArmorProfile fsGroup=5:l* fsGroupChangePolicy=9:s*|Always|OnRootMismatch runAsGroup=6:l* runAsNonRoot=3:b* runAsUser=2:l* seLinuxChangePolicy=13:s* seLinuxOptions=1:SELinuxOptions seccompProfile=10:SeccompProfile supplementalGroups=4:[l@a supplementalGroupsPolicy=12:s*|Merge|Strict sysctls=7:[Sysctl@a windowsOptions=8:WindowsSecurityContextOptions
    PodSpec activeDeadlineSeconds=5:l* affinity=18:Affinity automountServiceAccountToken=21:b* containers=2:[Container!@mname+mname dnsConfig=26:PodDNSConfig dnsPolicy=6:s|ClusterFirst|ClusterFirstWithHostNet|Default|None enableServiceLinks=30:b* ephemeralContainers=34:[EphemeralContainer@mname+mname hostAliases=23:[HostAlias@mip+mip hostIPC=13:b hostNetwork=11:b hostPID=12:b hostUsers=37:b* hostname=16:s hostnameOverride=41:s* imagePullSecrets=15:[LocalObjectReference@mname+mname initContainers=20:[Container@mname+mname nodeName=10:s nodeSelector=7:{s%a os=36:PodOS overhead=32:{q preemptionPolicy=31:s*|Never|PreemptLowerPriority priority=25:i* priorityClassName=24:s readinessGates=28:[PodReadinessGate@a resourceClaims=39:[PodResourceClaim@mname+kname resources=40:ResourceRequirements restartPolicy=3:s|Always|Never|OnFailure runtimeClassName=29:s* schedulerName=19:s schedulingGates=38:[PodSchedulingGate@mname+mname schedulingGroup=43:PodSchedulingGroup securityContext=14:PodSecurityContext serviceAccount=9:s serviceAccountName=8:s setHostnameAsFQDN=35:b* shareProcessNamespace=27:b* subdomain=17:s terminationGracePeriodSeconds=4:l* tolerations=22:[Toleration@a topologySpreadConstraints=33:[TopologySpreadConstraint@mtopologyKey,whenUnsatisfiable+mtopologyKey volumes=1:[Volume@mname+kname
    PodStatus allocatedResources=19:{q conditions=2:[PodCondition@mtype+mtype containerStatuses=8:[ContainerStatus@a ephemeralContainerStatuses=13:[ContainerStatus@a extendedResourceClaimStatus=18:PodExtendedResourceClaimStatus hostIP=5:s hostIPs=16:[HostIP@a+mip initContainerStatuses=10:[ContainerStatus@a message=3:s nodeAllocatableResourceClaimStatuses=21:[NodeAllocatableResourceClaimStatus@a nominatedNodeName=11:s observedGeneration=17:l phase=1:s|Failed|Pending|Running|Succeeded|Unknown podIP=6:s podIPs=12:[PodIP@mip+mip qosClass=9:s|BestEffort|Burstable|Guaranteed reason=4:s resize=14:s resourceClaimStatuses=15:[PodResourceClaimStatus@mname+kname resources=20:ResourceRequirements startTime=7:t
    PodTemplate! metadata=1:21.ObjectMeta#{} template=2:PodTemplateSpec#{}
    PodTemplateList! items=2:[PodTemplate! metadata=1:21.ListMeta#{}
    PodTemplateSpec metadata=1:21.ObjectMeta#{} spec=2:PodSpec#{}
    PortStatus error=3:s* port=1:i!#0 protocol=2:s!#""|SCTP|TCP|UDP
    PortworxVolumeSource fsType=2:s readOnly=3:b volumeID=1:s!#""
    PreferredSchedulingTerm preference=2:NodeSelectorTerm!#{} weight=1:i!#0
    Probe exec=1/1:ExecAction failureThreshold=6:i grpc=1/4:GRPCAction httpGet=1/2:HTTPGetAction initialDelaySeconds=2:i periodSeconds=4:i successThreshold=5:i tcpSocket=1/3:TCPSocketAction terminationGracePeriodSeconds=7:l* timeoutSeconds=3:i
    ProjectedVolumeSource defaultMode=2:i* sources=1:[VolumeProjection@a
    QuobyteVolumeSource group=5:s readOnly=3:b registry=1:s!#"" tenant=6:s user=4:s volume=2:s!#""
    RBDPersistentVolumeSource fsType=3:s image=2:s!#"" keyring=6:s#"/etc/ceph/keyring" monitors=1:[s!@a pool=4:s#"rbd" readOnly=8:b secretRef=7:SecretReference user=5:s#"admin"
    RBDVolumeSource fsType=3:s image=2:s!#"" keyring=6:s#"/etc/ceph/keyring" monitors=1:[s!@a pool=4:s#"rbd" readOnly=8:b secretRef=7:LocalObjectReference user=5:s#"admin"
    RangeAllocation! data=3:y metadata=1:21.ObjectMeta#{} range=2:s
    ReplicationController! metadata=1:21.ObjectMeta#{} spec=2:ReplicationControllerSpec#{} status=3:ReplicationControllerStatus#{}
    ReplicationControllerCondition lastTransitionTime=3:t message=5:s reason=4:s status=2:s!#"" type=1:s!#""
    ReplicationControllerList! items=2:[ReplicationController! metadata=1:21.ListMeta#{}
    ReplicationControllerSpec minReadySeconds=4:i#0 replicas=1:i*#1 selector=2:{s%a template=3:PodTemplateSpec
    ReplicationControllerStatus availableReplicas=5:i conditions=6:[ReplicationControllerCondition@mtype+mtype fullyLabeledReplicas=2:i observedGeneration=3:l readyReplicas=4:i replicas=1:i!#0
    ResourceClaim name=1:s!#"" request=2:s
    ResourceFieldSelector containerName=1:s%a divisor=3:q%a resource=2:s!%a#""
    ResourceHealth health=2:s message=6:s* resourceID=1:s!#""
    ResourceQuota! metadata=1:21.ObjectMeta#{} spec=2:ResourceQuotaSpec#{} status=3:ResourceQuotaStatus#{}
    ResourceQuotaList! items=2:[ResourceQuota! metadata=1:21.ListMeta#{}
    ResourceQuotaSpec hard=1:{q scopeSelector=3:ScopeSelector scopes=2:[s@a
    ResourceQuotaStatus hard=1:{q used=2:{q
    ResourceRequirements claims=3:[ResourceClaim@mname limits=1:{q requests=2:{q
    ResourceStatus name=1:s!#"" resources=2:[ResourceHealth@mresourceID
    SELinuxOptions level=4:s role=2:s type=3:s user=1:s
    ScaleIOPersistentVolumeSource fsType=9:s#"xfs" gateway=1:s!#"" protectionDomain=5:s readOnly=10:b secretRef=3:SecretReference! sslEnabled=4:b storageMode=7:s#"ThinProvisioned" storagePool=6:s system=2:s!#"" volumeName=8:s
    ScaleIOVolumeSource fsType=9:s#"xfs" gateway=1:s!#"" protectionDomain=5:s readOnly=10:b secretRef=3:LocalObjectReference! sslEnabled=4:b storageMode=7:s#"ThinProvisioned" storagePool=6:s system=2:s!#"" volumeName=8:s
    ScopeSelector matchExpressions=1:[ScopedResourceSelectorRequirement@a%a
    ScopedResourceSelectorRequirement operator=2:s!#""|DoesNotExist|Exists|In|NotIn scopeName=1:s!#""|BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass values=3:[s@a
    SeccompProfile localhostProfile=2:s* type=1:s!#""|Localhost|RuntimeDefault|Unconfined
    Secret! data=2:{y immutable=5:b* metadata=1:21.ObjectMeta#{} stringData=4:{s type=3:s
    SecretEnvSource name=1/1:s#"" optional=2:b*
    SecretKeySelector key=2:s!%a#"" name=1/1:s%a#"" optional=3:b*%a
    SecretList! items=2:[Secret! metadata=1:21.ListMeta#{}
    SecretProjection items=2:[KeyToPath@a name=1/1:s#"" optional=4:b*
    SecretReference name=1:s%a namespace=2:s%a
    SecretVolumeSource defaultMode=3:i* items=2:[KeyToPath@a optional=4:b* secretName=1:s
    SecurityContext allowPrivilegeEscalation=7:b* appArmorProfile=12:AppArmorProfile capabilities=1:Capabilities privileged=2:b* procMount=9:s*|Default|Unmasked readOnlyRootFilesystem=6:b* runAsGroup=8:l* runAsNonRoot=5:b* runAsUser=4:l* seLinuxOptions=3:SELinuxOptions seccompProfile=11:SeccompProfile windowsOptions=10:WindowsSecurityContextOptions
    Service! metadata=1:21.ObjectMeta#{} spec=2:ServiceSpec#{} status=3:ServiceStatus#{}
    ServiceAccount! automountServiceAccountToken=4:b* imagePullSecrets=3:[LocalObjectReference@a metadata=1:21.ObjectMeta#{} secrets=2:[ObjectReference@mname+mname
    ServiceAccountList! items=2:[ServiceAccount! metadata=1:21.ListMeta#{}
    ServiceAccountTokenProjection audience=1:s expirationSeconds=2:l* path=3:s!#""
    ServiceList! items=2:[Service! metadata=1:21.ListMeta#{}
    ServicePort appProtocol=6:s* name=1:s nodePort=5:i port=3:i!#0 protocol=2:s#"TCP"|SCTP|TCP|UDP targetPort=4:x
    ServiceSpec allocateLoadBalancerNodePorts=20:b* clusterIP=3:s clusterIPs=18:[s@a externalIPs=5:[s@a externalName=10:s externalTrafficPolicy=11:s|Cluster|Local healthCheckNodePort=12:i internalTrafficPolicy=22:s*|Cluster|Local ipFamilies=19:[s@a ipFamilyPolicy=17:s*|PreferDualStack|RequireDualStack|SingleStack loadBalancerClass=21:s* loadBalancerIP=8:s loadBalancerSourceRanges=9:[s@a ports=1:[ServicePort@mport,protocol+mport publishNotReadyAddresses=13:b selector=2:{s%a sessionAffinity=7:s|ClientIP|None sessionAffinityConfig=14:SessionAffinityConfig trafficDistribution=23:s* type=4:s|ClusterIP|ExternalName|LoadBalancer|NodePort
    ServiceStatus conditions=2:[21.Condition@mtype+mtype loadBalancer=1:LoadBalancerStatus#{}
    SessionAffinityConfig clientIP=1:ClientIPConfig
    SleepAction seconds=1:l!#0
    StorageOSPersistentVolumeSource fsType=3:s readOnly=4:b secretRef=5:ObjectReference volumeName=1:s volumeNamespace=2:s
    StorageOSVolumeSource fsType=3:s readOnly=4:b secretRef=5:LocalObjectReference volumeName=1:s volumeNamespace=2:s
    Sysctl name=1:s!#"" value=2:s!#""
    TCPSocketAction host=2:s port=1:x!
    Taint effect=3:s!#""|NoExecute|NoSchedule|PreferNoSchedule key=1:s!#"" timeAdded=4:t value=2:s
    Toleration effect=4:s|NoExecute|NoSchedule|PreferNoSchedule key=1:s operator=2:s|Equal|Exists|Gt|Lt tolerationSeconds=5:l* value=3:s
    TopologySelectorLabelRequirement key=1:s!#"" values=2:[s!@a
    TopologySelectorTerm matchLabelExpressions=1:[TopologySelectorLabelRequirement@a%a
    TopologySpreadConstraint labelSelector=4:21.LabelSelector matchLabelKeys=8:[s@a maxSkew=1:i!#0 minDomains=5:i* nodeAffinityPolicy=6:s*|Honor|Ignore nodeTaintsPolicy=7:s*|Honor|Ignore topologyKey=2:s!#"" whenUnsatisfiable=3:s!#""|DoNotSchedule|ScheduleAnyway
    TypedLocalObjectReference apiGroup=1:s*%a kind=2:s!%a#"" name=3:s!%a#""
    TypedObjectReference apiGroup=1:s* kind=2:s!#"" name=3:s!#"" namespace=4:s*
    Volume awsElasticBlockStore=2/4:AWSElasticBlockStoreVolumeSource azureDisk=2/22:AzureDiskVolumeSource azureFile=2/18:AzureFileVolumeSource cephfs=2/14:CephFSVolumeSource cinder=2/13:CinderVolumeSource configMap=2/19:ConfigMapVolumeSource csi=2/28:CSIVolumeSource downwardAPI=2/16:DownwardAPIVolumeSource emptyDir=2/2:EmptyDirVolumeSource ephemeral=2/29:EphemeralVolumeSource fc=2/17:FCVolumeSource flexVolume=2/12:FlexVolumeSource flocker=2/15:FlockerVolumeSource gcePersistentDisk=2/3:GCEPersistentDiskVolumeSource gitRepo=2/5:GitRepoVolumeSource glusterfs=2/9:GlusterfsVolumeSource hostPath=2/1:HostPathVolumeSource image=2/30:ImageVolumeSource iscsi=2/8:ISCSIVolumeSource name=1:s!#"" nfs=2/7:NFSVolumeSource persistentVolumeClaim=2/10:PersistentVolumeClaimVolumeSource photonPersistentDisk=2/23:PhotonPersistentDiskVolumeSource portworxVolume=2/24:PortworxVolumeSource projected=2/26:ProjectedVolumeSource quobyte=2/21:QuobyteVolumeSource rbd=2/11:RBDVolumeSource scaleIO=2/25:ScaleIOVolumeSource secret=2/6:SecretVolumeSource storageos=2/27:StorageOSVolumeSource vsphereVolume=2/20:VsphereVirtualDiskVolumeSource
    VolumeDevice devicePath=2:s!#"" name=1:s!#""
    VolumeMount mountPath=3:s!#"" mountPropagation=5:s*|Bidirectional|HostToContainer|None name=1:s!#"" readOnly=2:b recursiveReadOnly=7:s* subPath=4:s subPathExpr=6:s
    VolumeMountStatus mountPath=2:s!#"" name=1:s!#"" readOnly=3:b recursiveReadOnly=4:s* volumeStatus=5:VolumeStatus
    VolumeNodeAffinity required=1:NodeSelector
    VolumeProjection clusterTrustBundle=5:ClusterTrustBundleProjection configMap=3:ConfigMapProjection downwardAPI=2:DownwardAPIProjection podCertificate=6:PodCertificateProjection secret=1:SecretProjection serviceAccountToken=4:ServiceAccountTokenProjection
    VolumeResourceRequirements limits=1:{q requests=2:{q
    VolumeStatus image=1:ImageVolumeStatus
    VsphereVirtualDiskVolumeSource fsType=2:s storagePolicyID=4:s storagePolicyName=3:s volumePath=1:s!#""
    WeightedPodAffinityTerm podAffinityTerm=2:PodAffinityTerm!#{} weight=1:i!#0
    WindowsSecurityContextOptions gmsaCredentialSpec=2:s* gmsaCredentialSpecName=1:s* hostProcess=4:b* runAsUserName=3:s*
    package io.k8s.api.discovery.v1 discovery.k8s.io/v1
    Endpoint addresses=1:[s!@s conditions=2:EndpointConditions#{} deprecatedTopology=5:{s hints=8:EndpointHints hostname=3:s* nodeName=6:s* targetRef=4:9.ObjectReference zone=7:s*
    EndpointConditions ready=1:b* serving=2:b* terminating=3:b*
    EndpointHints forNodes=2:[ForNode@a forZones=1:[ForZone@a
    EndpointPort appProtocol=4:s*%a name=1:s*%a port=3:i*%a protocol=2:s*%a|SCTP|TCP|UDP
    EndpointSlice! addressType=4:s!#""|FQDN|IPv4|IPv6 endpoints=2:[Endpoint@a metadata=1:21.ObjectMeta#{} ports=3:[EndpointPort@a
    EndpointSliceList! items=2:[EndpointSlice! metadata=1:21.ListMeta#{}
    ForNode name=1:s!#""
    ForZone name=1:s!#""
    package io.k8s.api.events.v1 events.k8s.io/v1
    Event! action=6:s deprecatedCount=15:i* deprecatedFirstTimestamp=13:t deprecatedLastTimestamp=14:t deprecatedSource=12:9.EventSource#{} eventTime=2:u! metadata=1:21.ObjectMeta#{} note=10:s reason=7:s regarding=8:9.ObjectReference#{} related=9:9.ObjectReference reportingController=4:s reportingInstance=5:s series=3:EventSeries type=11:s
    EventList! items=2:[Event! metadata=1:21.ListMeta#{}
    EventSeries count=1:i!#0 lastObservedTime=2:u!
    package io.k8s.api.flowcontrol.v1 flowcontrol.apiserver.k8s.io/v1
    ExemptPriorityLevelConfiguration lendablePercent=2:i* nominalConcurrencyShares=1:i*
    FlowDistinguisherMethod type=1:s!#""
    FlowSchema! metadata=1:21.ObjectMeta#{} spec=2:FlowSchemaSpec#{} status=3:FlowSchemaStatus#{}
    FlowSchemaCondition lastTransitionTime=3:t message=5:s reason=4:s status=2:s type=1:s
    FlowSchemaList! items=2:[FlowSchema! metadata=1:21.ListMeta#{}
    FlowSchemaSpec distinguisherMethod=3:FlowDistinguisherMethod matchingPrecedence=2:i#0 priorityLevelConfiguration=1:PriorityLevelConfigurationReference!#{} rules=4:[PolicyRulesWithSubjects@a
    FlowSchemaStatus conditions=1:[FlowSchemaCondition@mtype+mtype
    GroupSubject name=1:s!#""
    LimitResponse queuing=2:QueuingConfiguration type=1:s!#""
    LimitedPriorityLevelConfiguration borrowingLimitPercent=4:i* lendablePercent=3:i* limitResponse=2:LimitResponse#{} nominalConcurrencyShares=1:i*
    NonResourcePolicyRule nonResourceURLs=6:[s!@s verbs=1:[s!@s
    PolicyRulesWithSubjects nonResourceRules=3:[NonResourcePolicyRule@a resourceRules=2:[ResourcePolicyRule@a subjects=1:[Subject!@a
    PriorityLevelConfiguration! metadata=1:21.ObjectMeta#{} spec=2:PriorityLevelConfigurationSpec#{} status=3:PriorityLevelConfigurationStatus#{}
    PriorityLevelConfigurationCondition lastTransitionTime=3:t message=5:s reason=4:s status=2:s type=1:s
    PriorityLevelConfigurationList! items=2:[PriorityLevelConfiguration! metadata=1:21.ListMeta#{}
    PriorityLevelConfigurationReference name=1:s!#""
    PriorityLevelConfigurationSpec exempt=3:ExemptPriorityLevelConfiguration limited=2:LimitedPriorityLevelConfiguration type=1:s!#""
    PriorityLevelConfigurationStatus conditions=1:[PriorityLevelConfigurationCondition@mtype+mtype
    QueuingConfiguration handSize=2:i#0 queueLengthLimit=3:i#0 queues=1:i#0
    ResourcePolicyRule apiGroups=2:[s!@s clusterScope=4:b namespaces=5:[s@s resources=3:[s!@s verbs=1:[s!@s
    ServiceAccountSubject name=2:s!#"" namespace=1:s!#""
    Subject group=3:GroupSubject kind=1:s!#"" serviceAccount=4:ServiceAccountSubject user=2:UserSubject
    UserSubject name=1:s!#""
    package io.k8s.api.networking.v1 networking.k8s.io/v1
    HTTPIngressPath backend=2:IngressBackend!#{} path=1:s pathType=3:s!*|Exact|ImplementationSpecific|Prefix
    HTTPIngressRuleValue paths=1:[HTTPIngressPath!@a
    IPAddress! metadata=1:21.ObjectMeta#{} spec=2:IPAddressSpec!#{}
    IPAddressList! items=2:[IPAddress! metadata=1:21.ListMeta#{}
    IPAddressSpec parentRef=1:ParentReference!
    IPBlock cidr=1:s!#"" except=2:[s@a
    Ingress! metadata=1:21.ObjectMeta#{} spec=2:IngressSpec#{} status=3:IngressStatus#{}
    IngressBackend resource=3:9.TypedLocalObjectReference service=4:IngressServiceBackend
    IngressClass! metadata=1:21.ObjectMeta#{} spec=2:IngressClassSpec#{}
    IngressClassList! items=2:[IngressClass! metadata=1:21.ListMeta#{}
    IngressClassParametersReference apiGroup=1:s* kind=2:s!#"" name=3:s!#"" namespace=5:s* scope=4:s*
    IngressClassSpec controller=1:s parameters=2:IngressClassParametersReference
    IngressList! items=2:[Ingress! metadata=1:21.ListMeta#{}
    IngressLoadBalancerIngress hostname=2:s ip=1:s ports=4:[IngressPortStatus@a
    IngressLoadBalancerStatus ingress=1:[IngressLoadBalancerIngress@a
    IngressPortStatus error=3:s* port=1:i!#0 protocol=2:s!#""|SCTP|TCP|UDP
    IngressRule host=1:s http=2/1:HTTPIngressRuleValue
    IngressServiceBackend name=1:s!#"" port=2:ServiceBackendPort#{}
    IngressSpec defaultBackend=1:IngressBackend ingressClassName=4:s* rules=3:[IngressRule@a tls=2:[IngressTLS@a
    IngressStatus loadBalancer=1:IngressLoadBalancerStatus#{}
    IngressTLS hosts=1:[s@a secretName=2:s
    NetworkPolicy! metadata=1:21.ObjectMeta#{} spec=2:NetworkPolicySpec#{}
    NetworkPolicyEgressRule ports=1:[NetworkPolicyPort@a to=2:[NetworkPolicyPeer@a
    NetworkPolicyIngressRule from=2:[NetworkPolicyPeer@a ports=1:[NetworkPolicyPort@a
    NetworkPolicyList! items=2:[NetworkPolicy! metadata=1:21.ListMeta#{}
    NetworkPolicyPeer ipBlock=3:IPBlock namespaceSelector=2:21.LabelSelector podSelector=1:21.LabelSelector
    NetworkPolicyPort endPort=3:i* port=2:x protocol=1:s*|SCTP|TCP|UDP
    NetworkPolicySpec egress=3:[NetworkPolicyEgressRule@a ingress=2:[NetworkPolicyIngressRule@a podSelector=1:21.LabelSelector#{} policyTypes=4:[s@a
    ParentReference group=1:s name=4:s! namespace=3:s resource=2:s!
    ServiceBackendPort name=1:s%a number=2:i%a
    ServiceCIDR! metadata=1:21.ObjectMeta#{} spec=2:ServiceCIDRSpec#{} status=3:ServiceCIDRStatus#{}
    ServiceCIDRList! items=2:[ServiceCIDR! metadata=1:21.ListMeta#{}
    ServiceCIDRSpec cidrs=1:[s@a
    ServiceCIDRStatus conditions=1:[21.Condition@mtype+mtype
    package io.k8s.api.node.v1 node.k8s.io/v1
    Overhead podFixed=1:{q
    RuntimeClass! handler=2:s!#"" metadata=1:21.ObjectMeta#{} overhead=3:Overhead scheduling=4:Scheduling
    RuntimeClassList! items=2:[RuntimeClass! metadata=1:21.ListMeta#{}
    Scheduling nodeSelector=1:{s%a tolerations=2:[9.Toleration@a
    package io.k8s.api.policy.v1 policy/v1
    Eviction! deleteOptions=2:21.DeleteOptions metadata=1:21.ObjectMeta#{}
    PodDisruptionBudget! metadata=1:21.ObjectMeta#{} spec=2:PodDisruptionBudgetSpec#{} status=3:PodDisruptionBudgetStatus#{}
    PodDisruptionBudgetList! items=2:[PodDisruptionBudget! metadata=1:21.ListMeta#{}
    PodDisruptionBudgetSpec maxUnavailable=3:x minAvailable=1:x selector=2:21.LabelSelector+p unhealthyPodEvictionPolicy=4:s*|AlwaysAllow|IfHealthyBudget
    PodDisruptionBudgetStatus conditions=7:[21.Condition@mtype+mtype currentHealthy=4:i#0 desiredHealthy=5:i#0 disruptedPods=2:{t disruptionsAllowed=3:i#0 expectedPods=6:i#0 observedGeneration=1:l
    package io.k8s.api.rbac.v1 rbac.authorization.k8s.io/v1
    AggregationRule clusterRoleSelectors=1:[21.LabelSelector@a
    ClusterRole! aggregationRule=3:AggregationRule metadata=1:21.ObjectMeta#{} rules=2:[PolicyRule@a
    ClusterRoleBinding! metadata=1:21.ObjectMeta#{} roleRef=3:RoleRef!#{} subjects=2:[Subject@a
    ClusterRoleBindingList! items=2:[ClusterRoleBinding! metadata=1:21.ListMeta#{}
    ClusterRoleList! items=2:[ClusterRole! metadata=1:21.ListMeta#{}
    PolicyRule apiGroups=2:[s@a nonResourceURLs=5:[s@a resourceNames=4:[s@a resources=3:[s@a verbs=1:[s!@a
    Role! metadata=1:21.ObjectMeta#{} rules=2:[PolicyRule@a
    RoleBinding! metadata=1:21.ObjectMeta#{} roleRef=3:RoleRef!#{} subjects=2:[Subject@a
    RoleBindingList! items=2:[RoleBinding! metadata=1:21.ListMeta#{}
    RoleList! items=2:[Role! metadata=1:21.ListMeta#{}
    RoleRef apiGroup=1:s%a#"" kind=2:s!%a#"" name=3:s!%a#""
    Subject apiGroup=2:s%a kind=1:s!%a#"" name=3:s!%a#"" namespace=4:s%a
    package io.k8s.api.resource.v1 resource.k8s.io/v1
    AllocatedDeviceStatus conditions=4:[21.Condition@mtype data=5:* device=3:s!#"" driver=1:s!#"" networkData=6:NetworkDeviceData pool=2:s!#"" shareID=7:s*
    AllocationResult allocationTimestamp=5:t devices=1:DeviceAllocationResult#{} nodeSelector=3:9.NodeSelector
    CELDeviceSelector expression=1:s!#""
    CapacityRequestPolicy default=1:q validRange=4:CapacityRequestPolicyRange validValues=3:[q@a
    CapacityRequestPolicyRange max=2:q min=1:q! step=3:q
    CapacityRequirements requests=1:{q
    Counter value=1:q!
    CounterSet counters=2:{Counter! name=1:s!#""
    Device allNodes=7:b* allowMultipleAllocations=12:b* attributes=2:{DeviceAttribute bindingConditions=10:[s@a bindingFailureConditions=11:[s@a bindsToNode=9:b* capacity=3:{DeviceCapacity consumesCounters=4:[DeviceCounterConsumption@a name=1:s!#"" nodeAllocatableResourceMappings=13:{NodeAllocatableResourceMapping nodeName=5:s* nodeSelector=6:9.NodeSelector taints=8:[DeviceTaint@a
    DeviceAllocationConfiguration opaque=3/1:OpaqueDeviceConfiguration requests=2:[s@a source=1:s!#""|FromClaim|FromClass
    DeviceAllocationResult config=2:[DeviceAllocationConfiguration@a results=1:[DeviceRequestAllocationResult@a
    DeviceAttribute bool=3:b* bools=7:[b@a int=2:l* ints=6:[l@a string=4:s* strings=8:[s@a version=5:s* versions=9:[s@a
    DeviceCapacity requestPolicy=2:CapacityRequestPolicy value=1:q!
    DeviceClaim config=3:[DeviceClaimConfiguration@a constraints=2:[DeviceConstraint@a requests=1:[DeviceRequest@a
    DeviceClaimConfiguration opaque=2/1:OpaqueDeviceConfiguration requests=1:[s@a
    DeviceClass! metadata=1:21.ObjectMeta#{} spec=2:DeviceClassSpec!#{}
    DeviceClassConfiguration opaque=1/1:OpaqueDeviceConfiguration
    DeviceClassList! items=2:[DeviceClass! metadata=1:21.ListMeta#{}
    DeviceClassSpec config=2:[DeviceClassConfiguration@a extendedResourceName=4:s* selectors=1:[DeviceSelector@a
    DeviceConstraint distinctAttribute=3:s* matchAttribute=2:s* requests=1:[s@a
    DeviceCounterConsumption counterSet=1:s!#"" counters=2:{Counter!
    DeviceRequest exactly=2:ExactDeviceRequest firstAvailable=3:[DeviceSubRequest@a name=1:s!#""
    DeviceRequestAllocationResult adminAccess=5:b* bindingConditions=7:[s@a bindingFailureConditions=8:[s@a consumedCapacity=10:{q device=4:s!#"" driver=2:s!#"" pool=3:s!#"" request=1:s!#"" shareID=9:s* tolerations=6:[DeviceToleration@a
    DeviceSelector cel=1:CELDeviceSelector
    DeviceSubRequest allocationMode=4:s|All|ExactCount capacity=7:CapacityRequirements count=5:l deviceClassName=2:s!#"" name=1:s!#"" selectors=3:[DeviceSelector@a tolerations=6:[DeviceToleration@a
    DeviceTaint effect=3:s!#""|NoExecute|NoSchedule|None key=1:s!#"" timeAdded=4:t value=2:s
    DeviceToleration effect=4:s|NoExecute|NoSchedule|None key=1:s operator=2:s#"Equal"|Equal|Exists tolerationSeconds=5:l* value=3:s
    ExactDeviceRequest adminAccess=5:b* allocationMode=3:s|All|ExactCount capacity=7:CapacityRequirements count=4:l deviceClassName=1:s!#"" selectors=2:[DeviceSelector@a tolerations=6:[DeviceToleration@a
    NetworkDeviceData hardwareAddress=3:s interfaceName=1:s ips=2:[s@a
    NodeAllocatableResourceMapping allocationMultiplier=2:q capacityKey=1:s
    OpaqueDeviceConfiguration driver=1:s!#"" parameters=2:*!
    ResourceClaim! metadata=1:21.ObjectMeta#{} spec=2:ResourceClaimSpec!#{} status=3:ResourceClaimStatus#{}
    ResourceClaimConsumerReference apiGroup=1:s name=4:s!#"" resource=3:s!#"" uid=5:s!#""
    ResourceClaimList! items=2:[ResourceClaim! metadata=1:21.ListMeta#{}
    ResourceClaimSpec devices=1:DeviceClaim#{}
    ResourceClaimStatus allocation=1:AllocationResult devices=4:[AllocatedDeviceStatus@mdriver,device,pool,shareID reservedFor=2:[ResourceClaimConsumerReference@muid+muid
    ResourceClaimTemplate! metadata=1:21.ObjectMeta#{} spec=2:ResourceClaimTemplateSpec!#{}
    ResourceClaimTemplateList! items=2:[ResourceClaimTemplate! metadata=1:21.ListMeta#{}
    ResourceClaimTemplateSpec metadata=1:21.ObjectMeta#{} spec=2:ResourceClaimSpec!#{}
    ResourcePool generation=2:l!#0 name=1:s!#"" resourceSliceCount=3:l!#0
    ResourceSlice! metadata=1:21.ObjectMeta#{} spec=2:ResourceSliceSpec!#{}
    ResourceSliceList! items=2:[ResourceSlice! metadata=1:21.ListMeta#{}
    ResourceSliceSpec allNodes=5:b* devices=6:[Device@a driver=1:s!#"" nodeName=3:s* nodeSelector=4:9.NodeSelector perDeviceNodeSelection=7:b* pool=2:ResourcePool!#{} sharedCounters=8:[CounterSet@a
    package io.k8s.api.scheduling.v1 scheduling.k8s.io/v1
    PriorityClass! description=4:s globalDefault=3:b metadata=1:21.ObjectMeta#{} preemptionPolicy=5:s*|Never|PreemptLowerPriority value=2:i#0
    PriorityClassList! items=2:[PriorityClass! metadata=1:21.ListMeta#{}
    package io.k8s.api.storage.v1 storage.k8s.io/v1
    CSIDriver! metadata=1:21.ObjectMeta#{} spec=2:CSIDriverSpec!#{}
    CSIDriverList! items=2:[CSIDriver! metadata=1:21.ListMeta#{}
    CSIDriverSpec attachRequired=1:b* fsGroupPolicy=5:s* nodeAllocatableUpdatePeriodSeconds=9:l* podInfoOnMount=2:b* preventPodSchedulingIfMissing=11:b* requiresRepublish=7:b* seLinuxMount=8:b* serviceAccountTokenInSecrets=10:b* storageCapacity=4:b* tokenRequests=6:[TokenRequest@a volumeLifecycleModes=3:[s@s
    CSINode! metadata=1:21.ObjectMeta#{} spec=2:CSINodeSpec!#{}
    CSINodeDriver allocatable=4:VolumeNodeResources name=1:s!#"" nodeID=2:s!#"" topologyKeys=3:[s@a
    CSINodeList! items=2:[CSINode! metadata=1:21.ListMeta#{}
    CSINodeSpec drivers=1:[CSINodeDriver!@mname+mname
    CSIStorageCapacity! capacity=4:q maximumVolumeSize=5:q metadata=1:21.ObjectMeta#{} nodeTopology=2:21.LabelSelector storageClassName=3:s!#""
    CSIStorageCapacityList! items=2:[CSIStorageCapacity! metadata=1:21.ListMeta#{}
    StorageClass! allowVolumeExpansion=6:b* allowedTopologies=8:[9.TopologySelectorTerm@a metadata=1:21.ObjectMeta#{} mountOptions=5:[s@a parameters=3:{s provisioner=2:s!#"" reclaimPolicy=4:s*|Delete|Recycle|Retain volumeBindingMode=7:s*|Immediate|WaitForFirstConsumer
    StorageClassList! items=2:[StorageClass! metadata=1:21.ListMeta#{}
    TokenRequest audience=1:s!#"" expirationSeconds=2:l*
    VolumeAttachment! metadata=1:21.ObjectMeta#{} spec=2:VolumeAttachmentSpec!#{} status=3:VolumeAttachmentStatus#{}
    VolumeAttachmentList! items=2:[VolumeAttachment! metadata=1:21.ListMeta#{}
    VolumeAttachmentSource inlineVolumeSpec=2:9.PersistentVolumeSpec persistentVolumeName=1:s*
    VolumeAttachmentSpec attacher=1:s!#"" nodeName=3:s!#"" source=2:VolumeAttachmentSource!#{}
    VolumeAttachmentStatus attachError=3:VolumeError attached=1:b!#false attachmentMetadata=2:{s detachError=4:VolumeError
    VolumeAttributesClass! driverName=2:s!#"" metadata=1:21.ObjectMeta#{} parameters=3:{s
    VolumeAttributesClassList! items=2:[VolumeAttributesClass! metadata=1:21.ListMeta#{}
    VolumeError errorCode=3:i* message=2:s time=1:t
    VolumeNodeResources count=1:i*
    package io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 apiextensions.k8s.io/v1
    CustomResourceColumnDefinition description=4:s format=3:s jsonPath=6:s!#"" name=1:s!#"" priority=5:i* type=2:s!#""
    CustomResourceConversion strategy=1:s!#"" webhook=2:WebhookConversion
    CustomResourceDefinition! metadata=1:21.ObjectMeta#{} spec=2:CustomResourceDefinitionSpec!#{} status=3:CustomResourceDefinitionStatus#{}
    CustomResourceDefinitionCondition lastTransitionTime=3:t message=5:s observedGeneration=6:l* reason=4:s status=2:s!#"" type=1:s!#""
    CustomResourceDefinitionList! items=2:[CustomResourceDefinition! metadata=1:21.ListMeta#{}
    CustomResourceDefinitionNames categories=6:[s@a kind=4:s!#"" listKind=5:s plural=1:s!#"" shortNames=3:[s@a singular=2:s
    CustomResourceDefinitionSpec conversion=9:CustomResourceConversion group=1:s!#"" names=3:CustomResourceDefinitionNames!#{} preserveUnknownFields=10:b scope=4:s!#"" versions=7:[CustomResourceDefinitionVersion!@a
    CustomResourceDefinitionStatus acceptedNames=2:CustomResourceDefinitionNames#{} conditions=1:[CustomResourceDefinitionCondition@mtype observedGeneration=4:l* storedVersions=3:[s@a
    CustomResourceDefinitionVersion additionalPrinterColumns=6:[CustomResourceColumnDefinition@a deprecated=7:b deprecationWarning=8:s name=1:s!#"" schema=4:CustomResourceValidation selectableFields=9:[SelectableField@a served=2:b!#false storage=3:b!#false subresources=5:CustomResourceSubresources
    CustomResourceSubresourceScale labelSelectorPath=3:s specReplicasPath=1:s!#"" statusReplicasPath=2:s!#""
    CustomResourceSubresourceStatus
    CustomResourceSubresources scale=2:CustomResourceSubresourceScale status=1:CustomResourceSubresourceStatus
    CustomResourceValidation openAPIV3Schema=1:JSONSchemaProps
    ExternalDocumentation description=1:s url=2:s
    JSONSchemaProps $ref=3:s $schema=2:s additionalItems=33:/JSONSchemaProps/b additionalProperties=30:/JSONSchemaProps/b allOf=25:[JSONSchemaProps@a anyOf=27:[JSONSchemaProps@a default=8:* definitions=34:{JSONSchemaProps dependencies=32:{/JSONSchemaProps/[s description=4:s enum=20:[*@a example=36:* exclusiveMaximum=10:b exclusiveMinimum=12:b externalDocs=35:ExternalDocumentation format=6:s id=1:s items=24:/JSONSchemaProps/[JSONSchemaProps maxItems=16:l* maxLength=13:l* maxProperties=21:l* maximum=9:d* minItems=17:l* minLength=14:l* minProperties=22:l* minimum=11:d* multipleOf=19:d* not=28:JSONSchemaProps nullable=37:b oneOf=26:[JSONSchemaProps@a pattern=15:s patternProperties=31:{JSONSchemaProps properties=29:{JSONSchemaProps required=23:[s@a title=7:s type=5:s uniqueItems=18:b x-kubernetes-embedded-resource=39:b x-kubernetes-int-or-string=40:b x-kubernetes-list-map-keys=41:[s@a x-kubernetes-list-type=42:s x-kubernetes-map-type=43:s x-kubernetes-preserve-unknown-fields=38:b x-kubernetes-validations=44:[ValidationRule@mrule+mrule
    SelectableField jsonPath=1:s!#""
    ServiceReference name=2:s!#"" namespace=1:s!#"" path=3:s port=4:i*
    ValidationRule fieldPath=5:s message=2:s messageExpression=3:s optionalOldSelf=6:b reason=4:s|FieldValueDuplicate|FieldValueForbidden|FieldValueInvalid|FieldValueRequired rule=1:s!#""
    WebhookClientConfig caBundle=2:y service=1:ServiceReference url=3:s
    WebhookConversion clientConfig=2:WebhookClientConfig conversionReviewVersions=3:[s!@a
    package io.k8s.apimachinery.pkg.apis.meta.v1 v1
    APIGroup! name=1:s!#"" preferredVersion=3:GroupVersionForDiscovery#{} serverAddressByClientCIDRs=4:[ServerAddressByClientCIDR@a versions=2:[GroupVersionForDiscovery!@a
    APIGroupList! groups=1:[APIGroup!@a
    APIResource categories=7:[s@a group=8:s kind=3:s!#"" name=1:s!#"" namespaced=2:b!#false shortNames=5:[s@a singularName=6:s!#"" storageVersionHash=10:s verbs=4^:[s! version=9:s
    APIResourceList! groupVersion=1:s!#"" resources=2:[APIResource!@a
    APIVersions! serverAddressByClientCIDRs=2:[ServerAddressByClientCIDR!@a versions=1:[s!@a
    Condition lastTransitionTime=4:t! message=6:s!#"" observedGeneration=3:l reason=5:s!#"" status=2:s!#"" type=1:s!#""
    DeleteOptions! dryRun=5:[s@a gracePeriodSeconds=1:l* ignoreStoreReadErrorWithClusterBreakingPotential=6:b* orphanDependents=3:b* preconditions=2:Preconditions propagationPolicy=4:s*
    FieldSelectorRequirement key=1:s!#"" operator=2:s!#"" values=3:[s@a
    GroupVersionForDiscovery groupVersion=1:s!#"" version=2:s!#""
    LabelSelector matchExpressions=2:[LabelSelectorRequirement@a%a matchLabels=1:{s%a
    LabelSelectorRequirement key=1:s!#"" operator=2:s!#"" values=3:[s@a
    ListMeta continue=3:s remainingItemCount=4:l* resourceVersion=2:s selfLink=1:s shardInfo=5:ShardInfo
    ManagedFieldsEntry apiVersion=3:s fieldsType=6:s fieldsV1=7:* manager=1:s operation=2:s subresource=8:s time=4:t
    ObjectMeta annotations=12:{s creationTimestamp=8:t deletionGracePeriodSeconds=10:l* deletionTimestamp=9:t finalizers=14:[s@s+m generateName=2:s generation=7:l labels=11:{s managedFields=17:[ManagedFieldsEntry@a name=1:s namespace=3:s ownerReferences=13:[OwnerReference@muid+muid resourceVersion=6:s selfLink=4:s uid=5:s
    OwnerReference apiVersion=5:s!%a#"" blockOwnerDeletion=7:b*%a controller=6:b*%a kind=1:s!%a#"" name=3:s!%a#"" uid=4:s!%a#""
    Patch
    Preconditions resourceVersion=2:s* uid=1:s*
    ServerAddressByClientCIDR clientCIDR=1:s!#"" serverAddress=2:s!#""
    ShardInfo selector=1:s!#""
    Status! code=6:i details=5:StatusDetails message=3:s metadata=1:ListMeta#{} reason=4:s status=2:s
    StatusCause field=3:s message=2:s reason=1:s
    StatusDetails causes=4:[StatusCause@a group=2:s kind=3:s name=1:s retryAfterSeconds=5:i uid=6:s
    WatchEvent! object=2:*! type=1:s!#""
    package io.k8s.apimachinery.pkg.version
    Info- buildDate:s!#"" compiler:s!#"" emulationMajor:s emulationMinor:s gitCommit:s!#"" gitTreeState:s!#"" gitVersion:s!#"" goVersion:s!#"" major:s!#"" minCompatibilityMajor:s minCompatibilityMinor:s minor:s!#"" platform:s!#""
    package io.k8s.kube-aggregator.pkg.apis.apiregistration.v1 apiregistration.k8s.io/v1
    APIService! metadata=1:21.ObjectMeta#{} spec=2:APIServiceSpec#{} status=3:APIServiceStatus#{}
    APIServiceCondition lastTransitionTime=3:t message=5:s reason=4:s status=2:s!#"" type=1:s!#""
    APIServiceList! items=2:[APIService! metadata=1:21.ListMeta#{}
    APIServiceSpec caBundle=5:y@a group=2:s groupPriorityMinimum=7:i!#0 insecureSkipTLSVerify=4:b service=1:ServiceReference version=3:s versionPriority=8:i!#0
    APIServiceStatus conditions=1:[APIServiceCondition@mtype+mtype
    ServiceReference name=2:s namespace=1:s port=3:i*
    resource - v1 ConfigMap configmaps configmap namespaced configmaps v1 protobuf cm - - - Name:n|Data|Age
    resource - v1 Endpoints endpoints endpoints namespaced services/endpoints v1 protobuf ep - - - Name:n|Endpoints|Age
    resource - v1 Event events event namespaced events v1 protobuf ev - - - Last Seen|Type|Reason|Object|Subobject@1|Source@1|Message|First Seen@1|Count@1|Name:n@1
    resource - v1 LimitRange limitranges limitrange namespaced limitranges v1 protobuf limits - - - Name:n|Created At:d
    resource - v1 Namespace namespaces namespace cluster namespaces v1 protobuf ns finalize,status - create,delete,get,list,patch,update,watch Name:n|Status|Age
    resource - v1 Node nodes node cluster minions v1 protobuf no proxy,status - - Name:n|Status|Roles|Age|Version|Internal-IP@1|External-IP@1|OS-Image@1|Kernel-Version@1|Container-Runtime@1
    resource - v1 PersistentVolumeClaim persistentvolumeclaims persistentvolumeclaim namespaced persistentvolumeclaims v1 protobuf pvc status - - Name:n|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|VolumeMode@1
    resource - v1 PersistentVolume persistentvolumes persistentvolume cluster persistentvolumes v1 protobuf pv status - - Name:n|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age|VolumeMode@1
    resource - v1 Pod pods pod namespaced pods v1 protobuf po attach,binding,ephemeralcontainers,eviction,exec,log,portforward,proxy,resize,status all - Name:n|Ready|Status|Restarts|Age|IP@1|Node@1|Nominated Node@1|Readiness Gates@1
    resource - v1 PodTemplate podtemplates podtemplate namespaced podtemplates v1 protobuf - - - - Name:n|Containers|Images|Pod Labels
    resource - v1 ReplicationController replicationcontrollers replicationcontroller namespaced controllers v1 protobuf rc scale,status all - Name:n|Desired:i|Current:i|Ready:i|Age|Containers@1|Images@1|Selector@1
    resource - v1 ResourceQuota resourcequotas resourcequota namespaced resourcequotas v1 protobuf quota status - - Name:n|Request|Limit|Age
    resource - v1 Secret secrets secret namespaced secrets v1 protobuf - - - - Name:n|Type|Data|Age
    resource - v1 ServiceAccount serviceaccounts serviceaccount namespaced serviceaccounts v1 protobuf sa token - - Name:n|Age
    resource - v1 Service services service namespaced services/specs v1 protobuf svc proxy,status all - Name:n|Type|Cluster-IP|External-IP|Port(s)|Age|Selector@1
    resource admissionregistration.k8s.io v1 MutatingAdmissionPolicy mutatingadmissionpolicies mutatingadmissionpolicy cluster mutatingadmissionpolicies admissionregistration.k8s.io/v1beta1 json - - api-extensions - Name:n|Mutations:i|ParamKind|Age
    resource admissionregistration.k8s.io v1alpha1 MutatingAdmissionPolicy mutatingadmissionpolicies mutatingadmissionpolicy cluster mutatingadmissionpolicies admissionregistration.k8s.io/v1beta1 json - - - -
    resource admissionregistration.k8s.io v1beta1 MutatingAdmissionPolicy mutatingadmissionpolicies mutatingadmissionpolicy cluster mutatingadmissionpolicies admissionregistration.k8s.io/v1beta1 json - - - -
    resource admissionregistration.k8s.io v1 MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings mutatingadmissionpolicybinding cluster mutatingadmissionpolicybindings admissionregistration.k8s.io/v1beta1 json - - api-extensions - Name:n|PolicyName|ParamRef|Age
    resource admissionregistration.k8s.io v1alpha1 MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings mutatingadmissionpolicybinding cluster mutatingadmissionpolicybindings admissionregistration.k8s.io/v1beta1 json - - - -
    resource admissionregistration.k8s.io v1beta1 MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings mutatingadmissionpolicybinding cluster mutatingadmissionpolicybindings admissionregistration.k8s.io/v1beta1 json - - - -
    resource admissionregistration.k8s.io v1 MutatingWebhookConfiguration mutatingwebhookconfigurations mutatingwebhookconfiguration cluster mutatingwebhookconfigurations admissionregistration.k8s.io/v1 protobuf - - api-extensions - Name:n|Webhooks:i|Age
    resource admissionregistration.k8s.io v1 ValidatingAdmissionPolicy validatingadmissionpolicies validatingadmissionpolicy cluster validatingadmissionpolicies admissionregistration.k8s.io/v1 protobuf - status api-extensions - Name:n|Validations:i|ParamKind|Age
    resource admissionregistration.k8s.io v1 ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings validatingadmissionpolicybinding cluster validatingadmissionpolicybindings admissionregistration.k8s.io/v1 protobuf - - api-extensions - Name:n|PolicyName|ParamRef|Age
    resource admissionregistration.k8s.io v1 ValidatingWebhookConfiguration validatingwebhookconfigurations validatingwebhookconfiguration cluster validatingwebhookconfigurations admissionregistration.k8s.io/v1 protobuf - - api-extensions - Name:n|Webhooks:i|Age
    resource apiextensions.k8s.io v1 CustomResourceDefinition customresourcedefinitions customresourcedefinition cluster apiextensions.k8s.io/customresourcedefinitions apiextensions.k8s.io/v1beta1 json crd,crds status api-extensions - Name:n|Created At:d
    resource apiregistration.k8s.io v1 APIService apiservices apiservice cluster apiregistration.k8s.io/apiservices apiregistration.k8s.io/v1 json - status api-extensions - Name:n|Service|Available|Age
    resource apps v1 ControllerRevision controllerrevisions controllerrevision namespaced controllerrevisions apps/v1 protobuf - - - - Name:n|Controller|Revision|Age
    resource apps v1 DaemonSet daemonsets daemonset namespaced daemonsets apps/v1 protobuf ds status all - Name:n|Desired:i|Current:i|Ready:i|Up-to-date:i|Available:i|Node Selector|Age|Containers@1|Images@1|Selector@1
    resource apps v1 Deployment deployments deployment namespaced deployments apps/v1 protobuf deploy scale,status all - Name:n|Ready|Up-to-date|Available|Age|Containers@1|Images@1|Selector@1
    resource apps v1 ReplicaSet replicasets replicaset namespaced replicasets apps/v1 protobuf rs scale,status all - Name:n|Desired:i|Current:i|Ready:i|Age|Containers@1|Images@1|Selector@1
    resource apps v1 StatefulSet statefulsets statefulset namespaced statefulsets apps/v1 protobuf sts scale,status all - Name:n|Ready|Age|Containers@1|Images@1
    resource autoscaling v1 HorizontalPodAutoscaler horizontalpodautoscalers horizontalpodautoscaler namespaced horizontalpodautoscalers autoscaling/v2 protobuf hpa status all - Name:n|Reference|Targets|MinPods|MaxPods|Replicas|Age
    resource autoscaling v2 HorizontalPodAutoscaler horizontalpodautoscalers horizontalpodautoscaler namespaced horizontalpodautoscalers autoscaling/v2 protobuf hpa status all - Name:n|Reference|Targets|MinPods|MaxPods|Replicas|Age
    resource batch v1 CronJob cronjobs cronjob namespaced cronjobs batch/v1 protobuf cj status all - Name:n|Schedule|Timezone|Suspend:b|Active:i|Last Schedule|Age|Containers@1|Images@1|Selector@1
    resource batch v1 Job jobs job namespaced jobs batch/v1 protobuf - status all - Name:n|Status|Completions|Duration|Age|Containers@1|Images@1|Selector@1
    resource certificates.k8s.io v1 CertificateSigningRequest certificatesigningrequests certificatesigningrequest cluster certificatesigningrequests certificates.k8s.io/v1 protobuf csr approval,status - - Name:n|Age|SignerName|Requestor|RequestedDuration|Condition
    resource certificates.k8s.io v1alpha1 ClusterTrustBundle clustertrustbundles clustertrustbundle cluster clustertrustbundles certificates.k8s.io/v1beta1 json - - - -
    resource certificates.k8s.io v1beta1 ClusterTrustBundle clustertrustbundles clustertrustbundle cluster clustertrustbundles certificates.k8s.io/v1beta1 json - - - -
    resource certificates.k8s.io v1beta1 PodCertificateRequest podcertificaterequests podcertificaterequest namespaced podcertificaterequests certificates.k8s.io/v1beta1 json - status - -
    resource coordination.k8s.io v1alpha2 LeaseCandidate leasecandidates leasecandidate namespaced leasecandidates coordination.k8s.io/v1beta1 json - - - -
    resource coordination.k8s.io v1beta1 LeaseCandidate leasecandidates leasecandidate namespaced leasecandidates coordination.k8s.io/v1beta1 json - - - -
    resource coordination.k8s.io v1 Lease leases lease namespaced leases coordination.k8s.io/v1 protobuf - - - - Name:n|Holder|Age
    resource discovery.k8s.io v1 EndpointSlice endpointslices endpointslice namespaced endpointslices discovery.k8s.io/v1 protobuf - - - - Name:n|AddressType|Ports|Endpoints|Age
    resource events.k8s.io v1 Event events event namespaced events v1 protobuf ev - - - Last Seen|Type|Reason|Object|Subobject@1|Source@1|Message|First Seen@1|Count@1|Name:n@1
    resource flowcontrol.apiserver.k8s.io v1 FlowSchema flowschemas flowschema cluster flowschemas flowcontrol.apiserver.k8s.io/v1 protobuf - status - - Name:n|PriorityLevel|MatchingPrecedence|DistinguisherMethod|Age|MissingPL
    resource flowcontrol.apiserver.k8s.io v1 PriorityLevelConfiguration prioritylevelconfigurations prioritylevelconfiguration cluster prioritylevelconfigurations flowcontrol.apiserver.k8s.io/v1 protobuf - status - - Name:n|Type|NominalConcurrencyShares|Queues|HandSize|QueueLengthLimit|Age
    resource internal.apiserver.k8s.io v1alpha1 StorageVersion storageversions storageversion cluster storageversions internal.apiserver.k8s.io/v1alpha1 json - status - -
    resource networking.k8s.io v1 IngressClass ingressclasses ingressclass cluster ingressclasses networking.k8s.io/v1 protobuf - - - - Name:n|Controller|Parameters|Age
    resource networking.k8s.io v1 Ingress ingresses ingress namespaced ingress networking.k8s.io/v1 protobuf ing status - - Name:n|Class|Hosts|Address|Ports|Age
    resource networking.k8s.io v1 IPAddress ipaddresses ipaddress cluster ipaddresses networking.k8s.io/v1 protobuf ip - - - Name:n|ParentRef
    resource networking.k8s.io v1beta1 IPAddress ipaddresses ipaddress cluster ipaddresses networking.k8s.io/v1 protobuf ip - - -
    resource networking.k8s.io v1 NetworkPolicy networkpolicies networkpolicy namespaced networkpolicies networking.k8s.io/v1 protobuf netpol - - - Name:n|Pod-Selector|Age
    resource networking.k8s.io v1 ServiceCIDR servicecidrs servicecidr cluster servicecidrs networking.k8s.io/v1 protobuf - status - - Name:n|CIDRs|Age
    resource networking.k8s.io v1beta1 ServiceCIDR servicecidrs servicecidr cluster servicecidrs networking.k8s.io/v1 protobuf - status - -
    resource node.k8s.io v1 RuntimeClass runtimeclasses runtimeclass cluster runtimeclasses node.k8s.io/v1 protobuf - - - - Name:n|Handler|Age
    resource policy v1 PodDisruptionBudget poddisruptionbudgets poddisruptionbudget namespaced poddisruptionbudgets policy/v1 protobuf pdb status - - Name:n|Min Available|Max Unavailable|Allowed Disruptions:i|Age
    resource rbac.authorization.k8s.io v1 ClusterRoleBinding clusterrolebindings clusterrolebinding cluster clusterrolebindings rbac.authorization.k8s.io/v1 protobuf - - - - Name:n|Role|Age|Users@1|Groups@1|ServiceAccounts@1
    resource rbac.authorization.k8s.io v1 ClusterRole clusterroles clusterrole cluster clusterroles rbac.authorization.k8s.io/v1 protobuf - - - - Name:n|Created At:d
    resource rbac.authorization.k8s.io v1 RoleBinding rolebindings rolebinding namespaced rolebindings rbac.authorization.k8s.io/v1 protobuf - - - - Name:n|Role|Age|Users@1|Groups@1|ServiceAccounts@1
    resource rbac.authorization.k8s.io v1 Role roles role namespaced roles rbac.authorization.k8s.io/v1 protobuf - - - - Name:n|Created At:d
    resource resource.k8s.io v1 DeviceClass deviceclasses deviceclass cluster deviceclasses resource.k8s.io/v1 protobuf - - - - Name:n|Age
    resource resource.k8s.io v1beta1 DeviceClass deviceclasses deviceclass cluster deviceclasses resource.k8s.io/v1 protobuf - - - -
    resource resource.k8s.io v1beta2 DeviceClass deviceclasses deviceclass cluster deviceclasses resource.k8s.io/v1 protobuf - - - -
    resource resource.k8s.io v1alpha3 DeviceTaintRule devicetaintrules devicetaintrule cluster devicetaintrules resource.k8s.io/v1alpha3 json - status - -
    resource resource.k8s.io v1beta2 DeviceTaintRule devicetaintrules devicetaintrule cluster devicetaintrules resource.k8s.io/v1alpha3 json - status - -
    resource resource.k8s.io v1 ResourceClaim resourceclaims resourceclaim namespaced resourceclaims resource.k8s.io/v1 protobuf - status - - Name:n|State|Age
    resource resource.k8s.io v1beta1 ResourceClaim resourceclaims resourceclaim namespaced resourceclaims resource.k8s.io/v1 protobuf - status - -
    resource resource.k8s.io v1beta2 ResourceClaim resourceclaims resourceclaim namespaced resourceclaims resource.k8s.io/v1 protobuf - status - -
    resource resource.k8s.io v1 ResourceClaimTemplate resourceclaimtemplates resourceclaimtemplate namespaced resourceclaimtemplates resource.k8s.io/v1 protobuf - - - - Name:n|Age
    resource resource.k8s.io v1beta1 ResourceClaimTemplate resourceclaimtemplates resourceclaimtemplate namespaced resourceclaimtemplates resource.k8s.io/v1 protobuf - - - -
    resource resource.k8s.io v1beta2 ResourceClaimTemplate resourceclaimtemplates resourceclaimtemplate namespaced resourceclaimtemplates resource.k8s.io/v1 protobuf - - - -
    resource resource.k8s.io v1alpha3 ResourcePoolStatusRequest resourcepoolstatusrequests resourcepoolstatusrequest cluster resourcepoolstatusrequests resource.k8s.io/v1alpha3 json - status - -
    resource resource.k8s.io v1 ResourceSlice resourceslices resourceslice cluster resourceslices resource.k8s.io/v1 protobuf - - - - Name:n|Node|Driver|Pool|Age
    resource resource.k8s.io v1beta1 ResourceSlice resourceslices resourceslice cluster resourceslices resource.k8s.io/v1 protobuf - - - -
    resource resource.k8s.io v1beta2 ResourceSlice resourceslices resourceslice cluster resourceslices resource.k8s.io/v1 protobuf - - - -
    resource scheduling.k8s.io v1alpha2 PodGroup podgroups podgroup namespaced podgroups scheduling.k8s.io/v1alpha2 json - status - -
    resource scheduling.k8s.io v1 PriorityClass priorityclasses priorityclass cluster priorityclasses scheduling.k8s.io/v1 protobuf pc - - - Name:n|Value:i|Global-Default:b|Age|PreemptionPolicy
    resource scheduling.k8s.io v1alpha2 Workload workloads workload namespaced workloads scheduling.k8s.io/v1alpha2 json - - - -
    resource storage.k8s.io v1 CSIDriver csidrivers csidriver cluster csidrivers storage.k8s.io/v1 protobuf - - - - Name:n|AttachRequired:b|PodInfoOnMount:b|StorageCapacity:b|TokenRequests|RequiresRepublish:b|Modes|Age
    resource storage.k8s.io v1 CSINode csinodes csinode cluster csinodes storage.k8s.io/v1 protobuf - - - - Name:n|Drivers:i|Age
    resource storage.k8s.io v1 CSIStorageCapacity csistoragecapacities csistoragecapacity namespaced csistoragecapacities storage.k8s.io/v1 protobuf - - - - Name:n|Created At:d
    resource storage.k8s.io v1 StorageClass storageclasses storageclass cluster storageclasses storage.k8s.io/v1 protobuf sc - - - Name:n|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age
    resource storage.k8s.io v1 VolumeAttachment volumeattachments volumeattachment cluster volumeattachments storage.k8s.io/v1 protobuf - status - - Name:n|Attacher:n|PV|Node|Attached:b|Age
    resource storage.k8s.io v1 VolumeAttributesClass volumeattributesclasses volumeattributesclass cluster volumeattributesclasses storage.k8s.io/v1 protobuf vac - - - Name:n|DriverName|Age
    resource storage.k8s.io v1beta1 VolumeAttributesClass volumeattributesclasses volumeattributesclass cluster volumeattributesclasses storage.k8s.io/v1 protobuf vac - - -
    resource storagemigration.k8s.io v1beta1 StorageVersionMigration storageversionmigrations storageversionmigration cluster storageversionmigrations storagemigration.k8s.io/v1beta1 json - status - -
    """
}
