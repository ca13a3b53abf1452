"""What Kubernetes' own schemas say of objects: one problem a line, none if all is well."""

import kubernetes_validate

# The oldest release that the chart names, and the newest whose schemas the package has.
VERSIONS = ("1.27", "1.37")


def problems(thing):
    """The objections of each version, and "no schema" for a kind that Kubernetes itself does not have."""
    found = []
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(thing, version, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            return ["no schema: %s %s" % (thing.get("apiVersion"), thing.get("kind"))]
        except kubernetes_validate.ValidationError as error:
            path = ".".join(str(part) for part in error.path)
            found.append("%s, %s: %s" % (version, path, error.message))
    return found
