internal import Glibc

/// Removes a directory that is empty; one that is not, or is gone, is left to whoever finds it.
func removeEmptyDirectory(_ path: String) { unsafe rmdir(path) }
