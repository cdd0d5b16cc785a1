"""Places that clients may name and the server must not go to. security.md, section 4."""

# With @ for the address of a listener that nobody may call.
REFUSED = [
    "javascript:alert(1)", "data:text/html,<script>", "gopher://@/x", "dict://@/x", "ldap://@/x", "jar:http://@!/x", "tftp://@/x", "ssh://@/x", "telnet://@", "view-source:http://@/", "vbscript:x", "blob:http://@/x", "about:blank", "ws://@/x", "phar:///x",
    "http://@/x", "https://@/x", "ftp://@/x", "sftp://@/x", "hdfs://@/x", "viewfs://@/x", "http://user:password@@/x", "s3://user:password@@/x", "HTTP://@/x", "hTTp://@/x", "http:@", "http:///@/x", "http:\\\\@\\x",
    "mlflow-artifacts://@/x", "mlflow-artifacts://attacker.example/x", "runs:/0123/x", "runs:/", "abfss://c@@/x", "wasbs://c@@/x", "r2://b@@/x", "b2://b@@/x",
    "s3://bucket/../x", "s3://bucket/%2e%2e/x", "s3://bucket/%252e%252e/x", "file:///a/../../etc", "file:///a/%2e%2e/etc", "/a/../../etc", "mlflow-artifacts:/../x", "mlflow-artifacts:/%2e%2e/x", "mlflow-artifacts:/0/../../x",
    "s3://bucket/x#fragment", "file:///x#y", "s3://bucket/x?y=../z", "s3://bucket/x?y=%2e%2e/z", "s3://bucket/x;params", "s3://bucket/\0", "s3://bucket/\n", "file:///x\0", "/x\ty", "s3://bucket/\x7f", "s3://b/" + "a" * 2049,
]  # fmt: skip

# Kept as text, since clients go there themselves; the server does not.
KEPT = [
    "file:///etc", "file:/etc", "file://localhost/etc", "/etc", "/proc/self", "/dev", "/", "s3://bucket/x", "gs://bucket/x", "dbfs:/x", "s3://@/bucket", "gs://@/x", "file:///proc/self/root", "/etc/", "//etc", "file:////etc", "file:///%65tc", "etc", "./etc",
    "mlflow-artifacts:/", "mlflow-artifacts:/.oxflow-tmp", "mlflow-artifacts:/0", "mlflow-artifacts:", "mlflow-artifacts:0",
]  # fmt: skip

# Sources of model versions.
SOURCES = [
    *REFUSED, "/etc", "file:///etc", "file:/etc", "/", "/proc/self/environ", "/dev/zero", "runs:/00000000000000000000000000000000/x", "runs:/../../etc", "runs:/@/x", "models:/kept/99", "models:/m-../../etc", "models:/../../etc/1", "models:/m-0000000000000000000000000000000f",
    "mlflow-artifacts:/", "mlflow-artifacts:/0", "mlflow-artifacts:/0/00000000000000000000000000000000/artifacts", "mlflow-artifacts:/%2e%2e/etc", "", "\\\\host\\share", "C:\\x", "file:C:/x", "file://host/x",
]  # fmt: skip
