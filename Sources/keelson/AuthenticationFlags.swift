internal import Identity

/// What `--auth-token`, `--auth-token-ttl`, `--bcrypt-cost` and `--client-cert-auth` say.
enum AuthenticationFlags {
  static func read(_ values: FlagValues) throws(FlagError) -> AuthenticatorConfiguration {
    var configuration = AuthenticatorConfiguration()
    let cost = values.number("bcrypt-cost")
    guard let cost = Int(exactly: cost), PasswordHash.costs.contains(cost) else {
      throw FlagError(description: "--bcrypt-cost is \(cost); a number from 4 to 31 is expected")
    }
    configuration.hashCost = cost
    configuration.usesCertificates = values.flag("client-cert-auth")
    let seconds = values.number("auth-token-ttl")
    // A time of 0 or less means etcd's five minutes there, too.
    configuration.tokens = .simple(lifetime: .seconds(seconds > 0 ? seconds : 300))
    let parts = values.text("auth-token").split(
      separator: ",", omittingEmptySubsequences: false
    ).map(String.init)
    switch parts[0] {
    case "simple", "":
      if parts.count > 1 {
        throw FlagError(
          description: "--auth-token simple takes no options; its time is --auth-token-ttl")
      }
    case "jwt": configuration.tokens = .signed(try signed(parts.dropFirst()))
    default:
      throw FlagError(
        description: "--auth-token is \"\(parts[0])\"; simple or jwt is expected")
    }
    return configuration
  }

  private static func signed(
    _ options: ArraySlice<String>
  ) throws(FlagError) -> SignedTokenConfiguration {
    var method: SigningMethod?
    var (publicKeys, privateKeys): ([String], [String]) = ([], [])
    var lifetime = Duration.seconds(300)
    for option in options {
      let sides = option.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2 else {
        throw FlagError(description: "--auth-token: \"\(option)\" is no NAME=VALUE")
      }
      switch sides[0] {
      case "sign-method":
        method = SigningMethod(sides[1])
        if method == nil {
          throw FlagError(
            description: "--auth-token: sign-method is \"\(sides[1])\"; one of "
              + SigningMethod.names.joined(separator: ", ") + " is expected")
        }
      case "pub-key": publicKeys.append(sides[1])
      case "priv-key": privateKeys.append(sides[1])
      case "ttl":
        guard let nanoseconds = GoDuration.nanoseconds(sides[1]), nanoseconds >= 1_000_000_000
        else {
          throw FlagError(
            description:
              "--auth-token: ttl is \"\(sides[1])\"; a duration of at least 1s is expected")
        }
        lifetime = .nanoseconds(nanoseconds)
      default:
        throw FlagError(
          description: "--auth-token: \"\(sides[0])\" is no option of jwt; there are"
            + " sign-method, pub-key, priv-key and ttl")
      }
    }
    guard let method else {
      throw FlagError(description: "--auth-token jwt needs a sign-method, such as RS256")
    }
    return SignedTokenConfiguration(
      method: method, publicKeyFiles: publicKeys, privateKeyFiles: privateKeys, lifetime: lifetime)
  }
}
