"""Scratch."""

from tests.simulator import Office


async def test_scratch(office: Office) -> None:
    teacher = office.person("history_teacher")
    print(await teacher.says("report"))
    print(await teacher.fills(category="Abuse by a colleague", child=True, who=["pe_teacher"], what="He wrote to her.", breach=False, where="Facebook"))
    print(await teacher.buttons())
    print("-----", await teacher.presses("Submit"))
    dsl = office.person("dsl")
    for s in await dsl.screen():
        print(s)
    print("====", await dsl.presses("Open"))
    print(await dsl.buttons())
    for s in await teacher.screen():
        print(s.text, s.buttons, "\n~~~")
