/// Needletail's version.
public enum Version {
  /// By semantic versioning (`MAJOR.MINOR.PATCH`): the one place where it stands.
  public static let text = "0.1.0"
}
