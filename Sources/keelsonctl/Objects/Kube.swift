internal import ArgumentParser
internal import Registry

/// `keelsonctl kube`
struct Kube: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads and deletes Kubernetes objects in the store.",
    discussion: """
      The commands have kubectl's flags where they have a flag of kubectl's name: behind 'kube', -w is \
      --watch.

      Example:
        keelsonctl kube get deployments -A
      """,
    subcommands: [
      KubeGet.self, KubeDescribe.self, KubeDelete.self, KubeHistory.self, KubeExplain.self,
      KubeResources.self, KubeDecode.self, KubeEncode.self,
    ])
}

/// Turns what the store reports into what the program reports.
func reaching<Result>(
  _ body: () async throws(StoreFailure) -> Result
) async throws(Failure) -> Result {
  do throws(StoreFailure) {
    return try await body()
  } catch {
    throw Failure(.error, error.message)
  }
}
