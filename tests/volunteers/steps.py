"""注册 as a person does it: each step is sent with the fields that it shows, until one is refused or all are done."""

PATH = "/volunteer/register"
DONE = "/volunteer/registered"


def send_step(browser, step, form, **more):
    """Send the fields of `form` that the step shows."""
    names = browser.page(f"{PATH}?step={step}").fields
    return browser.post(f"{PATH}?step={step}", {name: form[name] for name in form if name in names} | more)


def register(browser, form):
    """The answer to the last step that was sent: the way to the number, or the page with what is wrong."""
    answer = send_step(browser, "who", form)
    while answer.status_code == 303 and "step=" in answer.location:
        step = answer.location.partition("step=")[2].partition("&")[0]
        if step == "guardian":
            return answer
        answer = send_step(browser, step, form)
    return answer


def consent_of_guardian(browser, sms, form):
    """The guardian's part: name, phone, the code that reaches that phone, and the tick."""
    send_step(browser, "guardian", form, action="send")
    return send_step(browser, "guardian", form, code=sms.code(form["guardian_phone"]))
