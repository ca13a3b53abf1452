internal import ArgumentParser

/// `keelsonctl completion`
struct Completion: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints a script that completes commands and flags in a shell.",
    usage: "keelsonctl completion bash|zsh|fish",
    discussion: """
      Example:
        source <(keelsonctl completion bash)
      """)

  @Argument(help: ArgumentHelp("The shell.", valueName: "shell"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() throws {
    guard words.count == 1, let shell = CompletionShell(rawValue: words[0]) else {
      throw Failure.badArguments("completion command needs one of bash, zsh or fish")
    }
    Output.write(Keelsonctl.completionScript(for: shell) + "\n")
  }
}
