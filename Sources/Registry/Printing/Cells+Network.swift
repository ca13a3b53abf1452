extension Cells {
  /// Kinds about traffic.
  static let network: [String: [String: Cell]] = [
    "services": services,
    "endpoints": ["Endpoints": { object, _ in endpoints(object) }],
    "endpointslices.discovery.k8s.io": [
      "AddressType": { object, _ in object.text("addressType") },
      "Ports": { object, _ in
        list(
          object.list("ports").map { port in
            port.text("port", or: port.text("name", or: "*"))
          }, atMost: 3, empty: unset)
      },
      "Endpoints": { object, _ in
        list(
          object.list("endpoints").flatMap { $0.list("addresses").map(GoText.text) }, atMost: 3,
          empty: unset)
      },
    ],
    "ingresses.networking.k8s.io": [
      "Class": { object, _ in object.text("spec", "ingressClassName", or: none) },
      "Hosts": { object, _ in
        let rules = object.list("spec", "rules")
        let hosts = rules.map { $0.text("host") }.filter { !$0.isEmpty }
        if hosts.isEmpty { return "*" }
        let text = hosts.prefix(3).joined(separator: ",")
        return hosts.count > 3 ? "\(text) + \(rules.count - 3) more..." : text
      },
      "Address": { object, context in balancers(object, context) },
      "Ports": { object, _ in object.list("spec", "tls").isEmpty ? "80" : "80, 443" },
    ],
    "ingressclasses.networking.k8s.io": [
      "Controller": { object, _ in object.text("spec", "controller") },
      "Parameters": { object, _ in
        guard let parameters = object[path: "spec", "parameters"] else { return none }
        let group = parameters.text("apiGroup")
        return parameters.text("kind") + (group.isEmpty ? "" : ".\(group)") + "/"
          + parameters.text("name")
      },
    ],
    "networkpolicies.networking.k8s.io": [
      "Pod-Selector": { object, _ in selector(object[path: "spec", "podSelector"]) }
    ],
    "ipaddresses.networking.k8s.io": [
      "ParentRef": { object, _ in
        guard let parent = object[path: "spec", "parentRef"] else { return none }
        let group = parent.text("group")
        let resource = parent.text("resource") + (group.isEmpty ? "" : ".\(group)")
        return [resource, parent.text("namespace"), parent.text("name")]
          .filter { !$0.isEmpty }.joined(separator: "/")
      }
    ],
    "servicecidrs.networking.k8s.io": [
      "CIDRs": { object, _ in object.list("spec", "cidrs").map(GoText.text).joined(separator: ",") }
    ],
  ]

  private static let services: [String: Cell] = [
    "Type": { object, _ in object.text("spec", "type", or: "ClusterIP") },
    "Cluster-IP": { object, _ in
      object.list("spec", "clusterIPs").first?.text
        ?? object.text("spec", "clusterIP", or: none)
    },
    "External-IP": { object, context in
      let external = object.list("spec", "externalIPs").map(GoText.text)
      switch object.text("spec", "type", or: "ClusterIP") {
      case "ClusterIP", "NodePort": return list(external)
      case "ExternalName": return object.text("spec", "externalName")
      case "LoadBalancer":
        let balancers = balancers(object, context)
        let all = (balancers.isEmpty ? [] : [balancers]) + external
        return all.isEmpty ? "<pending>" : all.joined(separator: ",")
      default: return unknown
      }
    },
    "Port(s)": { object, _ in
      list(
        object.list("spec", "ports").map { port in
          let node = port.number("nodePort")
          return "\(port.number("port"))" + (node > 0 ? ":\(node)" : "") + "/"
            + port.text("protocol", or: "TCP")
        })
    },
    "Selector": { object, _ in labels(object[path: "spec", "selector"]) },
  ]

  /// The addresses of load balancers, cut off where there is no room.
  private static func balancers(_ object: Value, _ context: CellContext) -> String {
    let addresses = Set(
      object.list("status", "loadBalancer", "ingress").map {
        $0.text("ip", or: $0.text("hostname"))
      }
      .filter { !$0.isEmpty })
    let text = addresses.sorted().joined(separator: ",")
    return !context.isWide && text.count > 16 ? text.prefix(13) + "..." : text
  }

  static func endpoints(_ object: Value) -> String {
    let subsets = object.list("subsets")
    if subsets.isEmpty { return none }
    var all: [String] = []
    for subset in subsets {
      let addresses = subset.list("addresses").map { $0.text("ip") }
      let ports = subset.list("ports").map { String($0.number("port")) }
      if ports.isEmpty { all += addresses }
      for port in ports {
        all += addresses.map { $0.contains(":") ? "[\($0)]:\(port)" : "\($0):\(port)" }
      }
    }
    return list(all, atMost: 3, empty: "")
  }
}
