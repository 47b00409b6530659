"""The calls of api.weixin.qq.com that the sandbox answers."""
