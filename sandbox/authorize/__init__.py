"""The page of open.weixin.qq.com that hands out codes."""
