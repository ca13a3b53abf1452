internal import ArgumentParser

/// `keelsonctl options`
struct Options: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the flags that every command has.",
    usage: "keelsonctl options",
    discussion: """
      Example:
        keelsonctl options
      """)

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() {
    Output.write("The following options can be passed to any command:\n\n")
    Output.write(Options.helpMessage(columns: 100) + "\n")
  }
}
