"""DingTalk (钉钉): the robot's callback in, session webhook, group webhook and OpenAPI out."""
