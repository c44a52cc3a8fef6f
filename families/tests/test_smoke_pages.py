from django.urls import reverse

from sopr.tests.casework import make_family, make_referral


def test_all(world, client):
    f=make_family(world); r=make_referral(world)
    client.force_login(world.curator)
    bad=[]
    urls=[reverse("families:"+n) for n in ("family-list","family-search","family-new","referral-list","referral-new")]
    urls+=[reverse("families:"+n,args=[f.pk]) for n in ("family-detail","family-edit","member-add","category-set","register-entry","application-new","consent-new","home-survey-new")]
    urls+=[reverse("families:family-detail",args=[f.pk])+"?tab="+t for t in ("members","support","contacts","papers","councils","access")]
    m=f.memberships.first()
    urls+=[reverse("families:member-end",args=[m.pk]),reverse("families:person-edit",args=[m.person_id])]
    urls+=[reverse("families:referral-detail",args=[r.pk])]
    import traceback
    for u in urls:
        try:
            s=client.get(u).status_code
            if s!=200: bad.append((u,s))
        except Exception:
            bad.append((u, traceback.format_exc(limit=-4)))
    for b in bad: print(b[0]); print(b[1])
    assert not bad
