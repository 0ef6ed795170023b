<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en_GB">
<context>
    <name>AdminPanel</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Back to the kiosk's screen (Esc)</source>
        <translation>Zurück zum Bildschirm am Eingang (Esc)</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Jetzt</translation>
    </message>
    <message>
        <source>What is decided about the newest picture</source>
        <translation>Was über das neueste Bild entschieden wird</translation>
    </message>
    <message>
        <source>Decisions</source>
        <translation>Entscheidungen</translation>
    </message>
    <message>
        <source>The last openings and refusals, explained</source>
        <translation>Die letzten Öffnungen und Ablehnungen, erklärt</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Personen</translation>
    </message>
    <message>
        <source>Who may open the door, and when</source>
        <translation>Wer die Tür öffnen darf, und wann</translation>
    </message>
    <message>
        <source>Zone</source>
        <translation>Bereich</translation>
    </message>
    <message>
        <source>Where in the picture people are looked at</source>
        <translation>Wo im Bild Menschen angesehen werden</translation>
    </message>
    <message>
        <source>Site</source>
        <translation>Standort</translation>
    </message>
    <message>
        <source>How this kiosk works, its PIN, and the way out</source>
        <translation>Wie dieses Gerät arbeitet, seine PIN und der Ausgang</translation>
    </message>
</context><context>
    <name>AdminWords</name>
    <message>
        <source>en</source>
        <translation>de</translation>
    </message>
    <message>
        <source>everything fits</source>
        <translation>alles passt</translation>
    </message>
    <message>
        <source>nobody is there</source>
        <translation>niemand ist da</translation>
    </message>
    <message>
        <source>no badge yet</source>
        <translation>noch kein Ausweis</translation>
    </message>
    <message>
        <source>the badge was too long ago</source>
        <translation>der Ausweis war zu lange vorher</translation>
    </message>
    <message>
        <source>too far away</source>
        <translation>zu weit weg</translation>
    </message>
    <message>
        <source>not seen well enough</source>
        <translation>nicht gut genug zu sehen</translation>
    </message>
    <message>
        <source>collecting votes</source>
        <translation>Stimmen werden gesammelt</translation>
    </message>
    <message>
        <source>several people in the zone</source>
        <translation>mehrere Menschen im Bereich</translation>
    </message>
    <message>
        <source>not known to be alive yet</source>
        <translation>noch nicht als lebend bekannt</translation>
    </message>
    <message>
        <source>let in a moment ago</source>
        <translation>gerade eingelassen</translation>
    </message>
    <message>
        <source>the door is still moving</source>
        <translation>die Tür bewegt sich noch</translation>
    </message>
    <message>
        <source>something is out of order</source>
        <translation>etwas ist außer Betrieb</translation>
    </message>
    <message>
        <source>the picture is too old</source>
        <translation>das Bild ist zu alt</translation>
    </message>
    <message>
        <source>photos of another network</source>
        <translation>Fotos eines anderen Netzes</translation>
    </message>
    <message>
        <source>searched in another way</source>
        <translation>auf andere Weise gesucht</translation>
    </message>
    <message>
        <source>two people too alike</source>
        <translation>zwei Menschen zu ähnlich</translation>
    </message>
    <message>
        <source>not recognised</source>
        <translation>nicht erkannt</translation>
    </message>
    <message>
        <source>has no right to this door</source>
        <translation>hat kein Recht auf diese Tür</translation>
    </message>
    <message>
        <source>deactivated</source>
        <translation>deaktiviert</translation>
    </message>
    <message>
        <source>outside the allowed hours</source>
        <translation>außerhalb der erlaubten Zeiten</translation>
    </message>
    <message>
        <source>needs a badge besides the face</source>
        <translation>braucht außer dem Gesicht einen Ausweis</translation>
    </message>
    <message>
        <source>a picture was held up</source>
        <translation>ein Bild wurde hochgehalten</translation>
    </message>
    <message>
        <source>not found to be alive</source>
        <translation>nicht als lebend erkannt</translation>
    </message>
    <message>
        <source>too many refusals in a row</source>
        <translation>zu viele Ablehnungen in Folge</translation>
    </message>
    <message>
        <source>the door confirmed</source>
        <translation>die Tür hat bestätigt</translation>
    </message>
    <message>
        <source>the door refused to open</source>
        <translation>die Tür hat das Öffnen verweigert</translation>
    </message>
    <message>
        <source>the door could not be reached</source>
        <translation>die Tür war nicht erreichbar</translation>
    </message>
    <message>
        <source>the door failed</source>
        <translation>die Tür hat versagt</translation>
    </message>
    <message>
        <source>the door answered too late and was shut again</source>
        <translation>die Tür antwortete zu spät und wurde wieder geschlossen</translation>
    </message>
    <message>
        <source>the decision had grown too old before the door was asked</source>
        <translation>die Entscheidung war zu alt, bevor die Tür gefragt wurde</translation>
    </message>
    <message>
        <source>the person was deactivated or removed in the meantime</source>
        <translation>die Person wurde inzwischen deaktiviert oder entfernt</translation>
    </message>
    <message>
        <source>it could not be logged, so the door stayed shut</source>
        <translation>es konnte nicht protokolliert werden, darum blieb die Tür zu</translation>
    </message>
    <message>
        <source>the program ended before the door answered</source>
        <translation>das Programm endete, bevor die Tür antwortete</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>a living person</source>
        <translation>ein lebender Mensch</translation>
    </message>
    <message>
        <source>a picture or a screen</source>
        <translation>ein Bild oder ein Bildschirm</translation>
    </message>
    <message>
        <source>the questions aren't all answered yet</source>
        <translation>die Fragen sind noch nicht alle beantwortet</translation>
    </message>
    <message>
        <source>the movement that was asked for didn't come in time</source>
        <translation>die verlangte Bewegung kam nicht rechtzeitig</translation>
    </message>
    <message>
        <source>the face didn't look at the camera</source>
        <translation>das Gesicht blickte nicht in die Kamera</translation>
    </message>
    <message>
        <source>the head moved another way than it was asked to</source>
        <translation>der Kopf bewegte sich anders, als verlangt war</translation>
    </message>
    <message>
        <source>the movement came before the question could be answered</source>
        <translation>die Bewegung kam, bevor jemand die Frage beantworten konnte</translation>
    </message>
    <message>
        <source>the face tilts like a picture, not like a head</source>
        <translation>das Gesicht kippt wie ein Bild, nicht wie ein Kopf</translation>
    </message>
    <message>
        <source>the face jumped from one pose to another</source>
        <translation>das Gesicht sprang von einer Haltung in eine andere</translation>
    </message>
    <message>
        <source>another face came in between</source>
        <translation>ein anderes Gesicht kam dazwischen</translation>
    </message>
    <message>
        <source>the face was lost in between</source>
        <translation>das Gesicht war zwischendurch nicht zu sehen</translation>
    </message>
    <message>
        <source>the questions were left unanswered</source>
        <translation>die Fragen blieben unbeantwortet</translation>
    </message>
    <message>
        <source>the model takes it for a picture or a screen</source>
        <translation>das Modell hält es für ein Bild oder einen Bildschirm</translation>
    </message>
    <message>
        <source>the model isn't sure</source>
        <translation>das Modell ist nicht sicher</translation>
    </message>
    <message>
        <source>the face is too small for the model</source>
        <translation>das Gesicht ist zu klein für das Modell</translation>
    </message>
    <message>
        <source>the face is too dark for the model</source>
        <translation>das Gesicht ist zu dunkel für das Modell</translation>
    </message>
    <message>
        <source>the model needs more around the face</source>
        <translation>das Modell braucht mehr Umgebung um das Gesicht</translation>
    </message>
    <message>
        <source>the face leaves the picture</source>
        <translation>das Gesicht ragt aus dem Bild</translation>
    </message>
    <message>
        <source>no liveness model is installed</source>
        <translation>es ist kein Modell zur Lebenderkennung installiert</translation>
    </message>
    <message>
        <source>a liveness check failed: see the log</source>
        <translation>eine Lebenderkennung ist fehlgeschlagen: siehe Protokolldatei</translation>
    </message>
    <message>
        <source>a liveness check took too long</source>
        <translation>eine Lebenderkennung dauerte zu lange</translation>
    </message>
    <message>
        <source>Opening</source>
        <translation>Wird geöffnet</translation>
    </message>
    <message>
        <source>Opened</source>
        <translation>Geöffnet</translation>
    </message>
    <message>
        <source>Not opened</source>
        <translation>Nicht geöffnet</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>somebody</source>
        <translation>jemand</translation>
    </message>
    <message>
        <source>Opening for {name}</source>
        <translation>Wird geöffnet für {name}</translation>
    </message>
    <message>
        <source>Opened for {name}</source>
        <translation>Geöffnet für {name}</translation>
    </message>
    <message>
        <source>Not opened for {name}</source>
        <translation>Nicht geöffnet für {name}</translation>
    </message>
    <message>
        <source>Refused: {reason}</source>
        <translation>Abgelehnt: {reason}</translation>
    </message>
    <message>
        <source>Waiting: {reason}</source>
        <translation>Wartet: {reason}</translation>
    </message>
</context><context>
    <name>BadgeField</name>
    <message>
        <source>Badge code</source>
        <translation>Code des Ausweises</translation>
    </message>
    <message>
        <source>Waiting for the reader</source>
        <translation>Wartet auf den Leser</translation>
    </message>
</context><context>
    <name>ChangePin</name>
    <message>
        <source>The two were not the same. Please choose again.</source>
        <translation>Die beiden waren nicht gleich. Bitte wählen Sie noch einmal.</translation>
    </message>
    <message>
        <source>Change PIN</source>
        <translation>PIN ändern</translation>
    </message>
    <message>
        <source>Please type the PIN that holds now.</source>
        <translation>Bitte geben Sie die jetzige PIN ein.</translation>
    </message>
    <message>
        <source>New PIN</source>
        <translation>Neue PIN</translation>
    </message>
    <message>
        <source>At least 6 digits, not a simple row.</source>
        <translation>Mindestens 6 Ziffern, keine einfache Reihe.</translation>
    </message>
    <message>
        <source>Once more</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Please type the new PIN again.</source>
        <translation>Bitte geben Sie die neue PIN noch einmal ein.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>That is not the PIN. Please wait {time} before the next try.</source>
        <translation>Das ist nicht die PIN. Bitte warten Sie {time} bis zum nächsten Versuch.</translation>
    </message>
    <message>
        <source>That is not the PIN. Nothing was changed.</source>
        <translation>Das ist nicht die PIN. Nichts wurde geändert.</translation>
    </message>
</context><context>
    <name>DecisionsModel</name>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Decision</source>
        <translation>Entscheidung</translation>
    </message>
    <message>
        <source>Person</source>
        <translation>Person</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Warum</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Abstand</translation>
    </message>
    <message>
        <source>How different the face is from the nearest enrolled photo. Smaller is more alike.</source>
        <translation>Wie verschieden das Gesicht vom nächsten erfassten Foto ist. Kleiner ist ähnlicher.</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
</context><context>
    <name>DecisionsPage</name>
    <message>
        <source>Nobody has come to the door yet.</source>
        <translation>Noch war niemand an der Tür.</translation>
    </message>
    <message>
        <source>Decisions, newest first</source>
        <translation>Entscheidungen, neueste zuerst</translation>
    </message>
</context><context>
    <name>DoorRightsDialog</name>
    <message>
        <source>Door rights</source>
        <translation>Türrechte</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Every change is written to the audit log.</source>
        <translation>Jede Änderung wird im Prüfprotokoll festgehalten.</translation>
    </message>
</context><context>
    <name>Explain</name>
    <message>
        <source>at most {limit}</source>
        <translation>höchstens {limit}</translation>
    </message>
    <message>
        <source>at least {limit}</source>
        <translation>mindestens {limit}</translation>
    </message>
    <message>
        <source>alone</source>
        <translation>allein</translation>
    </message>
    <message>
        <source>at least {needed} of {frames}</source>
        <translation>mindestens {needed} von {frames}</translation>
    </message>
    <message>
        <source>the door hasn't answered yet</source>
        <translation>die Tür hat noch nicht geantwortet</translation>
    </message>
    <message>
        <source>nobody enrolled is near enough</source>
        <translation>niemand Erfasstes ist nahe genug</translation>
    </message>
    <message>
        <source>too few pictures agreed on one person</source>
        <translation>zu wenige Bilder ergaben dieselbe Person</translation>
    </message>
    <message>
        <source>{name} and {other} are too near to each other to be told apart</source>
        <translation>{name} und {other} liegen zu nahe beieinander, um sie zu unterscheiden</translation>
    </message>
    <message>
        <source>recognised as {name}, who has no right to this door</source>
        <translation>erkannt als {name}, ohne Recht auf diese Tür</translation>
    </message>
    <message>
        <source>recognised as {name}, who is deactivated</source>
        <translation>erkannt als {name}, deaktiviert</translation>
    </message>
    <message>
        <source>recognised as {name}, whose hours don't include this one</source>
        <translation>erkannt als {name}, außerhalb der erlaubten Zeiten</translation>
    </message>
    <message>
        <source>the face was found to be a picture or a screen</source>
        <translation>das Gesicht wurde als Bild oder Bildschirm erkannt</translation>
    </message>
    <message>
        <source>it wasn't found out whether the face is a living person's</source>
        <translation>es wurde nicht geklärt, ob das Gesicht das eines lebenden Menschen ist</translation>
    </message>
    <message>
        <source>it isn't found out yet whether the face is a living person's</source>
        <translation>noch ist nicht geklärt, ob das Gesicht das eines lebenden Menschen ist</translation>
    </message>
    <message>
        <source>refused several times before, so the next try has to wait</source>
        <translation>mehrmals abgelehnt, der nächste Versuch muss warten</translation>
    </message>
    <message>
        <source>the face is too small in the picture</source>
        <translation>das Gesicht ist im Bild zu klein</translation>
    </message>
    <message>
        <source>the face isn't seen well enough to be compared</source>
        <translation>das Gesicht ist zum Vergleichen nicht gut genug zu sehen</translation>
    </message>
    <message>
        <source>more pictures must agree before the door opens</source>
        <translation>mehr Bilder müssen übereinstimmen, bevor die Tür öffnet</translation>
    </message>
    <message>
        <source>nobody in the zone is clearly nearer than the others</source>
        <translation>niemand im Bereich ist deutlich näher als die anderen</translation>
    </message>
    <message>
        <source>the door was opened for this person a moment ago</source>
        <translation>die Tür wurde gerade für diese Person geöffnet</translation>
    </message>
    <message>
        <source>the person</source>
        <translation>die Person</translation>
    </message>
    <message>
        <source>somebody else</source>
        <translation>jemand anderes</translation>
    </message>
    <message>
        <source>compared with nobody so far</source>
        <translation>bisher mit niemandem verglichen</translation>
    </message>
    <message>
        <source>distance {distance}, threshold {threshold}</source>
        <translation>Abstand {distance}, Schwelle {threshold}</translation>
    </message>
    <message>
        <source>distance {distance}, above the threshold {threshold}</source>
        <translation>Abstand {distance}, über der Schwelle {threshold}</translation>
    </message>
    <message>
        <source>{votes} of {needed} votes</source>
        <translation>{votes} von {needed} Stimmen</translation>
    </message>
    <message>
        <source>{votes} of {needed} votes in {time}</source>
        <translation>{votes} von {needed} Stimmen in {time}</translation>
    </message>
    <message>
        <source>found to be a living person</source>
        <translation>als lebender Mensch erkannt</translation>
    </message>
    <message>
        <source>decided {time} after the frame on {provider}</source>
        <translation>entschieden {time} nach der Aufnahme auf {provider}</translation>
    </message>
    <message>
        <source>nobody else to confuse with</source>
        <translation>sonst niemand zum Verwechseln</translation>
    </message>
    <message>
        <source>the nearest</source>
        <translation>die nächste Person</translation>
    </message>
    <message>
        <source>next nearest {other} at {at}, {gap} farther than {name}, {needed} needed</source>
        <translation>am nächsten danach {other} bei {at}, {gap} weiter als {name}, nötig sind {needed}</translation>
    </message>
    <message>
        <source>face {height}</source>
        <translation>Gesicht {height}</translation>
    </message>
    <message>
        <source>quality {quality}</source>
        <translation>Güte {quality}</translation>
    </message>
    <message>
        <source>, less than the {minimum} needed</source>
        <translation>, weniger als die nötigen {minimum}</translation>
    </message>
</context><context>
    <name>Figures</name>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>How high the face is in the picture, in pixels: how near the person is.</source>
        <translation>Wie hoch das Gesicht im Bild ist, in Pixeln: wie nah die Person ist.</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Güte</translation>
    </message>
    <message>
        <source>How well the face is seen, 0 to 100: sharpness, light, both eyes.</source>
        <translation>Wie gut das Gesicht zu sehen ist, 0 bis 100: Schärfe, Licht, beide Augen.</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Abstand</translation>
    </message>
    <message>
        <source>How different the face is from the nearest enrolled photo. Smaller is more alike.</source>
        <translation>Wie verschieden das Gesicht vom nächsten erfassten Foto ist. Kleiner ist ähnlicher.</translation>
    </message>
    <message>
        <source>Margin</source>
        <translation>Vorsprung</translation>
    </message>
    <message>
        <source>How much farther the next nearest person is. Too little, and two people can't be told apart.</source>
        <translation>Wie viel weiter die nächste andere Person entfernt ist. Zu wenig, und zwei Menschen lassen sich nicht unterscheiden.</translation>
    </message>
    <message>
        <source>Votes</source>
        <translation>Stimmen</translation>
    </message>
    <message>
        <source>How many of the last pictures agree on the same person, and how many must.</source>
        <translation>Wie viele der letzten Bilder dieselbe Person ergeben und wie viele es müssen.</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
    <message>
        <source>fulfilled</source>
        <translation>erfüllt</translation>
    </message>
    <message>
        <source>not fulfilled</source>
        <translation>nicht erfüllt</translation>
    </message>
</context><context>
    <name>Hours</name>
    <message>
        <source>Monday</source>
        <translation>Montag</translation>
    </message>
    <message>
        <source>Tuesday</source>
        <translation>Dienstag</translation>
    </message>
    <message>
        <source>Wednesday</source>
        <translation>Mittwoch</translation>
    </message>
    <message>
        <source>Thursday</source>
        <translation>Donnerstag</translation>
    </message>
    <message>
        <source>Friday</source>
        <translation>Freitag</translation>
    </message>
    <message>
        <source>Saturday</source>
        <translation>Samstag</translation>
    </message>
    <message>
        <source>Sunday</source>
        <translation>Sonntag</translation>
    </message>
    <message>
        <source>Mon</source>
        <translation>Mo</translation>
    </message>
    <message>
        <source>Tue</source>
        <translation>Di</translation>
    </message>
    <message>
        <source>Wed</source>
        <translation>Mi</translation>
    </message>
    <message>
        <source>Thu</source>
        <translation>Do</translation>
    </message>
    <message>
        <source>Fri</source>
        <translation>Fr</translation>
    </message>
    <message>
        <source>Sat</source>
        <translation>Sa</translation>
    </message>
    <message>
        <source>Sun</source>
        <translation>So</translation>
    </message>
    <message>
        <source>every day</source>
        <translation>täglich</translation>
    </message>
    <message>
        <source>always</source>
        <translation>immer</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
</context><context>
    <name>HoursEditor</name>
    <message>
        <source>Add a window</source>
        <translation>Zeitfenster hinzufügen</translation>
    </message>
    <message>
        <source>Another time of the week at which the door opens</source>
        <translation>Eine weitere Zeit der Woche, zu der die Tür öffnet</translation>
    </message>
</context><context>
    <name>Kiosk</name>
    <message>
        <source>The two were not the same. Please choose again.</source>
        <translation>Die beiden waren nicht gleich. Bitte wählen Sie noch einmal.</translation>
    </message>
    <message>
        <source>Too many wrong PINs. Please wait %1.</source>
        <translation>Zu viele falsche PINs. Bitte warten Sie %1.</translation>
    </message>
    <message>
        <source>Administrator</source>
        <translation>Verwaltung</translation>
    </message>
    <message>
        <source>No PIN is set. Set one on the command line, with “faceapp keys pin”.</source>
        <translation>Es ist keine PIN gesetzt. Setzen Sie eine auf der Kommandozeile, mit „faceapp keys pin“.</translation>
    </message>
    <message>
        <source>Please type the PIN.</source>
        <translation>Bitte geben Sie die PIN ein.</translation>
    </message>
    <message>
        <source>Choose a PIN</source>
        <translation>PIN festlegen</translation>
    </message>
    <message>
        <source>It opens the administrator's page. At least 6 digits, not a simple row.</source>
        <translation>Sie öffnet die Seite der Verwaltung. Mindestens 6 Ziffern, keine einfache Reihe.</translation>
    </message>
    <message>
        <source>Once more</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Please type the same PIN again.</source>
        <translation>Bitte geben Sie dieselbe PIN noch einmal ein.</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>That is not the PIN.</source>
        <translation>Das ist nicht die PIN.</translation>
    </message>
    <message>
        <source>Please wait %1.</source>
        <translation>Bitte warten Sie %1.</translation>
    </message>
    <message>
        <source>Type your number</source>
        <translation>Nummer eingeben</translation>
    </message>
    <message>
        <source>Camera picture</source>
        <translation>Kamerabild</translation>
    </message>
    <message>
        <source>Welcome</source>
        <translation>Willkommen</translation>
    </message>
    <message>
        <source>Can't turn your head? Ask for help.</source>
        <translation>Geht das nicht? Bitten Sie um Hilfe.</translation>
    </message>
    <message>
        <source>A picture doesn't answer questions, so nobody is let in.</source>
        <translation>Ein Bild beantwortet keine Fragen, darum wird niemand eingelassen.</translation>
    </message>
    <message>
        <source>Look here</source>
        <translation>Bitte hierher sehen</translation>
    </message>
    <message>
        <source>Then turn your head as the arrow shows.</source>
        <translation>Drehen Sie dann den Kopf, wie der Pfeil es zeigt.</translation>
    </message>
    <message>
        <source>Look here first, then turn your head as the arrow shows.</source>
        <translation>Erst hierher blicken, dann den Kopf drehen, wie der Pfeil es zeigt.</translation>
    </message>
    <message>
        <source>Turn left</source>
        <translation>Nach links</translation>
    </message>
    <message>
        <source>Just your head, as far as is comfortable.</source>
        <translation>Nur den Kopf drehen, so weit es angenehm ist.</translation>
    </message>
    <message>
        <source>Turn right</source>
        <translation>Nach rechts</translation>
    </message>
    <message>
        <source>Look up</source>
        <translation>Nach oben</translation>
    </message>
    <message>
        <source>Just your head: lift your chin.</source>
        <translation>Nur den Kopf: das Kinn heben.</translation>
    </message>
    <message>
        <source>Look down</source>
        <translation>Nach unten</translation>
    </message>
    <message>
        <source>Just your head: lower your chin.</source>
        <translation>Nur den Kopf: das Kinn senken.</translation>
    </message>
    <message>
        <source>Look here again</source>
        <translation>Wieder hierher</translation>
    </message>
    <message>
        <source>Next: to the left</source>
        <translation>Danach: nach links</translation>
    </message>
    <message>
        <source>Next: to the right</source>
        <translation>Danach: nach rechts</translation>
    </message>
    <message>
        <source>Next: up</source>
        <translation>Danach: nach oben</translation>
    </message>
    <message>
        <source>Next: down</source>
        <translation>Danach: nach unten</translation>
    </message>
    <message>
        <source>This kiosk cannot tell a photograph or a phone from a person.</source>
        <translation>Dieses Gerät kann ein Foto oder ein Telefon nicht von einem Menschen unterscheiden.</translation>
    </message>
    <message>
        <source>Welcome, %1</source>
        <translation>Willkommen, %1</translation>
    </message>
    <message>
        <source>Show your badge again, or ask for help.</source>
        <translation>Bitte zeigen Sie Ihren Ausweis noch einmal oder holen Sie Hilfe.</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Wird geprüft</translation>
    </message>
    <message>
        <source>Keep looking here for a moment.</source>
        <translation>Bitte sehen Sie noch einen Moment hierher.</translation>
    </message>
    <message>
        <source>One moment</source>
        <translation>Einen Moment</translation>
    </message>
    <message>
        <source>The kiosk is starting.</source>
        <translation>Das Gerät wird gestartet.</translation>
    </message>
    <message>
        <source>Entrance</source>
        <translation>Eingang</translation>
    </message>
    <message>
        <source>Step in front of the camera to open the door.</source>
        <translation>Stellen Sie sich vor die Kamera, um die Tür zu öffnen.</translation>
    </message>
    <message>
        <source>Show your badge</source>
        <translation>Ausweis zeigen</translation>
    </message>
    <message>
        <source>Hold it to the reader or its code to the camera.</source>
        <translation>Halten Sie ihn an den Leser oder seinen Code vor die Kamera.</translation>
    </message>
    <message>
        <source>Come closer</source>
        <translation>Bitte näher kommen</translation>
    </message>
    <message>
        <source>One more step towards the screen.</source>
        <translation>Noch einen Schritt auf den Bildschirm zu.</translation>
    </message>
    <message>
        <source>Face the camera, straight ahead.</source>
        <translation>Sehen Sie geradeaus in die Kamera.</translation>
    </message>
    <message>
        <source>Turn your head</source>
        <translation>Den Kopf drehen</translation>
    </message>
    <message>
        <source>Please follow the arrow.</source>
        <translation>Bitte folgen Sie dem Pfeil.</translation>
    </message>
    <message>
        <source>Please try again</source>
        <translation>Bitte noch einmal</translation>
    </message>
    <message>
        <source>Not everything could be seen. It starts again by itself. Or ask for help.</source>
        <translation>Es war nicht alles zu sehen. Es beginnt von selbst von vorn. Oder bitten Sie um Hilfe.</translation>
    </message>
    <message>
        <source>Please start again</source>
        <translation>Bitte von vorn</translation>
    </message>
    <message>
        <source>Step out of the picture for a moment, then come back. Or ask for help.</source>
        <translation>Treten Sie kurz aus dem Bild und kommen Sie wieder. Oder bitten Sie um Hilfe.</translation>
    </message>
    <message>
        <source>One at a time</source>
        <translation>Bitte einzeln</translation>
    </message>
    <message>
        <source>Please stand in front of the camera alone.</source>
        <translation>Bitte stellen Sie sich allein vor die Kamera.</translation>
    </message>
    <message>
        <source>The door is open.</source>
        <translation>Die Tür ist offen.</translation>
    </message>
    <message>
        <source>Please go in</source>
        <translation>Bitte eintreten</translation>
    </message>
    <message>
        <source>You were let in a moment ago.</source>
        <translation>Sie wurden gerade eingelassen.</translation>
    </message>
    <message>
        <source>Not recognised</source>
        <translation>Nicht erkannt</translation>
    </message>
    <message>
        <source>Please try again, or ask for help.</source>
        <translation>Bitte versuchen Sie es noch einmal oder holen Sie Hilfe.</translation>
    </message>
    <message>
        <source>No entry now</source>
        <translation>Jetzt kein Zutritt</translation>
    </message>
    <message>
        <source>This door is not open to you at present. Please ask for help.</source>
        <translation>Diese Tür steht Ihnen zurzeit nicht offen. Bitte holen Sie Hilfe.</translation>
    </message>
    <message>
        <source>Show your face</source>
        <translation>Gesicht zeigen</translation>
    </message>
    <message>
        <source>A picture does not open this door. Step away for a moment, then come back.</source>
        <translation>Ein Bild öffnet diese Tür nicht. Treten Sie kurz weg und kommen Sie wieder.</translation>
    </message>
    <message>
        <source>Please wait</source>
        <translation>Bitte warten</translation>
    </message>
    <message>
        <source>Out of order</source>
        <translation>Außer Betrieb</translation>
    </message>
    <message>
        <source>Please use another way in, or ask for help.</source>
        <translation>Bitte nehmen Sie einen anderen Weg hinein oder holen Sie Hilfe.</translation>
    </message>
    <message>
        <source>You can try again in a moment.</source>
        <translation>Sie können es gleich noch einmal versuchen.</translation>
    </message>
    <message>
        <source>You can try again in %1.</source>
        <translation>Sie können es in %1 noch einmal versuchen.</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 min</translation>
    </message>
    <message>
        <source>Back to full screen</source>
        <translation>Zurück zum Vollbild</translation>
    </message>
    <message>
        <source>Then look at the camera.</source>
        <translation>Sehen Sie danach in die Kamera.</translation>
    </message>
    <message>
        <source>Your number</source>
        <translation>Ihre Nummer</translation>
    </message>
    <message>
        <source>Delete the last digit</source>
        <translation>Letzte Ziffer löschen</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
</context><context>
    <name>Line</name>
    <message>
        <source>Not done: {line}</source>
        <translation>Nicht erledigt: {line}</translation>
    </message>
    <message>
        <source>Done: {line}</source>
        <translation>Erledigt: {line}</translation>
    </message>
</context><context>
    <name>NowPage</name>
    <message>
        <source>Camera picture with the zone</source>
        <translation>Kamerabild mit dem Bereich</translation>
    </message>
    <message>
        <source>No picture yet</source>
        <translation>Noch kein Bild</translation>
    </message>
    <message>
        <source>The door is opened for nobody right now.</source>
        <translation>Die Tür wird zurzeit für niemanden geöffnet.</translation>
    </message>
    <message>
        <source>Nobody is looked at</source>
        <translation>Niemand wird angesehen</translation>
    </message>
    <message>
        <source>{verdict} ({name})</source>
        <translation>{verdict} ({name})</translation>
    </message>
    <message>
        <source>no picture yet</source>
        <translation>noch kein Bild</translation>
    </message>
    <message>
        <source>no new picture for {time}</source>
        <translation>seit {time} kein neues Bild</translation>
    </message>
    <message>
        <source>{read} pictures a second, {used} looked at</source>
        <translation>{read} Bilder pro Sekunde, {used} angesehen</translation>
    </message>
    <message>
        <source>Camera, door, log and gallery are in order.</source>
        <translation>Kamera, Tür, Protokoll und Galerie sind in Ordnung.</translation>
    </message>
    <message>
        <source>Living person</source>
        <translation>Lebender Mensch</translation>
    </message>
    <message>
        <source>Whether the face is a person's or a picture's</source>
        <translation>Ob das Gesicht das eines Menschen oder eines Bildes ist</translation>
    </message>
    <message>
        <source>Time taken</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>From taking the picture to deciding on it</source>
        <translation>Von der Aufnahme bis zur Entscheidung</translation>
    </message>
    <message>
        <source>Computed on</source>
        <translation>Berechnet auf</translation>
    </message>
    <message>
        <source>The processor and the number format of the networks</source>
        <translation>Der Prozessor und das Zahlenformat der Netze</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>How many pictures the camera sends and how many are looked at</source>
        <translation>Wie viele Bilder die Kamera sendet und wie viele angesehen werden</translation>
    </message>
    <message>
        <source>Door</source>
        <translation>Tür</translation>
    </message>
    <message>
        <source>The door's address</source>
        <translation>Die Adresse der Tür</translation>
    </message>
</context><context>
    <name>PersonRights</name>
    <message>
        <source>Allow</source>
        <translation>Erlauben</translation>
    </message>
    <message>
        <source>Give this person the door</source>
        <translation>Dieser Person die Tür geben</translation>
    </message>
    <message>
        <source>Deny</source>
        <translation>Verweigern</translation>
    </message>
    <message>
        <source>Take the door from this person, whatever their groups may</source>
        <translation>Dieser Person die Tür nehmen, was auch immer die Gruppen dürfen</translation>
    </message>
    <message>
        <source>As groups say</source>
        <translation>Wie die Gruppen</translation>
    </message>
    <message>
        <source>No right of their own: their groups decide</source>
        <translation>Kein eigenes Recht: Die Gruppen entscheiden</translation>
    </message>
    <message>
        <source>Always</source>
        <translation>Immer</translation>
    </message>
    <message>
        <source>At every hour of the week</source>
        <translation>Zu jeder Stunde der Woche</translation>
    </message>
    <message>
        <source>At these hours</source>
        <translation>Zu diesen Zeiten</translation>
    </message>
    <message>
        <source>Only at certain hours of the week</source>
        <translation>Nur zu bestimmten Zeiten der Woche</translation>
    </message>
    <message>
        <source>Keep these hours</source>
        <translation>Diese Zeiten behalten</translation>
    </message>
    <message>
        <source>Add a badge</source>
        <translation>Ausweis hinzufügen</translation>
    </message>
    <message>
        <source>Hold a badge to the reader, or type its code</source>
        <translation>Halten Sie einen Ausweis an den Leser oder geben Sie seinen Code ein</translation>
    </message>
    <message>
        <source>Forget badges</source>
        <translation>Ausweise vergessen</translation>
    </message>
    <message>
        <source>None of their badges opens anything any more</source>
        <translation>Keiner der Ausweise öffnet noch etwas</translation>
    </message>
    <message>
        <source>Needs a badge</source>
        <translation>Braucht einen Ausweis</translation>
    </message>
    <message>
        <source>Their face alone opens nothing: they show a badge as well</source>
        <translation>Das Gesicht allein öffnet nichts: Es wird auch ein Ausweis gezeigt</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Hold the badge to the reader, or type its code and press Enter. Only a fingerprint of it is kept.</source>
        <translation>Halten Sie den Ausweis an den Leser, oder geben Sie seinen Code ein und drücken Sie die Eingabetaste. Nur ein Fingerabdruck des Codes wird behalten.</translation>
    </message>
    <message>
        <source>Deactivate</source>
        <translation>Deaktivieren</translation>
    </message>
    <message>
        <source>Activate again</source>
        <translation>Wieder aktivieren</translation>
    </message>
    <message>
        <source>Nothing opens for them until they are activated again; photos and rights stay</source>
        <translation>Nichts öffnet, bis die Person wieder aktiviert wird; Fotos und Rechte bleiben</translation>
    </message>
    <message>
        <source>Their right counts again</source>
        <translation>Das Recht gilt wieder</translation>
    </message>
    <message>
        <source>No badge</source>
        <translation>Kein Ausweis</translation>
    </message>
    <message>
        <source>Deactivated: nothing opens for {name}.</source>
        <translation>Deaktiviert: Für {name} öffnet nichts.</translation>
    </message>
    <message>
        <source>May enter at any time.</source>
        <translation>Darf jederzeit eintreten.</translation>
    </message>
    <message>
        <source>May enter: {hours}.</source>
        <translation>Darf eintreten: {hours}.</translation>
    </message>
    <message>
        <source>May not enter, whatever their groups may.</source>
        <translation>Darf nicht eintreten, was auch immer die Gruppen dürfen.</translation>
    </message>
    <message>
        <source>May enter at the hours of: {groups}.</source>
        <translation>Darf zu den Zeiten dieser Gruppen eintreten: {groups}.</translation>
    </message>
    <message>
        <source>May not enter: no right through {groups}.</source>
        <translation>Darf nicht eintreten: kein Recht durch {groups}.</translation>
    </message>
    <message>
        <source>May not enter: nobody has allowed it yet.</source>
        <translation>Darf nicht eintreten: Noch hat es niemand erlaubt.</translation>
    </message>
    <message>
        <source>A badge is needed besides the face.</source>
        <translation>Außer dem Gesicht ist ein Ausweis nötig.</translation>
    </message>
    <message>
        <source>A badge is needed besides the face, and none is known: nothing opens yet.</source>
        <translation>Außer dem Gesicht ist ein Ausweis nötig, und es ist keiner bekannt: Noch öffnet nichts.</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>The door</source>
        <translation>Die Tür</translation>
    </message>
</context><context>
    <name>Rights</name>
    <message>
        <source>deactivated</source>
        <translation>deaktiviert</translation>
    </message>
    <message>
        <source>not allowed</source>
        <translation>nicht erlaubt</translation>
    </message>
    <message>
        <source>through {groups}</source>
        <translation>durch {groups}</translation>
    </message>
    <message>
        <source>no right through {groups}</source>
        <translation>kein Recht durch {groups}</translation>
    </message>
    <message>
        <source>no right yet</source>
        <translation>noch kein Recht</translation>
    </message>
    <message>
        <source>1 badge</source>
        <translation>1 Ausweis</translation>
    </message>
    <message>
        <source>{count} badges</source>
        <translation>{count} Ausweise</translation>
    </message>
    <message>
        <source>badge needed</source>
        <translation>Ausweis nötig</translation>
    </message>
    <message>
        <source>may enter</source>
        <translation>darf eintreten</translation>
    </message>
    <message>
        <source>may not enter</source>
        <translation>darf nicht eintreten</translation>
    </message>
</context><context>
    <name>RightsPanel</name>
    <message>
        <source>Search people</source>
        <translation>Personen suchen</translation>
    </message>
    <message>
        <source>Nobody is enrolled yet.</source>
        <translation>Noch ist niemand erfasst.</translation>
    </message>
    <message>
        <source>No name contains “{text}”.</source>
        <translation>Kein Name enthält „{text}“.</translation>
    </message>
    <message>
        <source>{allowed} of {all} may enter</source>
        <translation>{allowed} von {all} dürfen eintreten</translation>
    </message>
    <message>
        <source>People and their right to the door</source>
        <translation>Personen und ihr Recht auf die Tür</translation>
    </message>
    <message>
        <source>Enrolling gives nobody a door. Choose a person to allow it.</source>
        <translation>Das Erfassen gibt niemandem eine Tür. Wählen Sie eine Person, um es zu erlauben.</translation>
    </message>
</context><context>
    <name>SitePage</name>
    <message>
        <source>Change PIN</source>
        <translation>PIN ändern</translation>
    </message>
    <message>
        <source>The PIN that opens this page</source>
        <translation>Die PIN, die diese Seite öffnet</translation>
    </message>
    <message>
        <source>Leave full screen</source>
        <translation>Vollbild verlassen</translation>
    </message>
    <message>
        <source>The kiosk goes on in a window</source>
        <translation>Das Programm läuft in einem Fenster weiter</translation>
    </message>
    <message>
        <source>Quit the kiosk</source>
        <translation>Programm beenden</translation>
    </message>
    <message>
        <source>The program ends, and the door stays shut</source>
        <translation>Das Programm endet, und die Tür bleibt zu</translation>
    </message>
    <message>
        <source>Identify: the face alone, compared with everybody who is enrolled.</source>
        <translation>Identifizieren: das Gesicht allein, verglichen mit allen Erfassten.</translation>
    </message>
    <message>
        <source>Verify: a badge, a code or a number first, then the face, compared with that person only.</source>
        <translation>Bestätigen: erst ein Ausweis, ein Code oder eine Nummer, dann das Gesicht, nur mit dieser Person verglichen.</translation>
    </message>
    <message>
        <source>Off. A photograph or a phone held up cannot be told from a person: whoever has a good picture of somebody enrolled may get in. Keep a badge or a person at doors that matter.</source>
        <translation>Aus. Ein hochgehaltenes Foto oder Telefon lässt sich nicht von einem Menschen unterscheiden: Wer ein gutes Bild einer erfassten Person hat, kommt vielleicht hinein. Lassen Sie an wichtigen Türen einen Ausweis oder einen Menschen.</translation>
    </message>
    <message>
        <source>Passive: a model looks at each face for a picture or a screen. How often it errs depends on the camera, the light and what is held up: try it with your own people and pictures.</source>
        <translation>Passiv: Ein Modell sucht in jedem Gesicht nach einem Bild oder Bildschirm. Wie oft es irrt, hängt von Kamera, Licht und dem ab, was hochgehalten wird: Erproben Sie es mit Ihren eigenen Leuten und Bildern.</translation>
    </message>
    <message>
        <source>Active: people are asked to turn their head before the door opens. Pictures are refused. A recording fits the questions by chance once in 27 sessions; prepared clips that somebody steers, and faces that a computer draws, can answer them.</source>
        <translation>Aktiv: Bevor die Tür aufgeht, wird gebeten, den Kopf zu drehen. Bilder werden abgewiesen. Eine Aufnahme passt zufällig in einer von 27 Sitzungen zu den Fragen; vorbereitete Clips, die jemand steuert, und Gesichter, die ein Computer zeichnet, können antworten.</translation>
    </message>
    <message>
        <source>Both: people are asked to turn their head, and a model looks for pictures and screens. What passes must fool both: a recording by chance, or clips that somebody steers.</source>
        <translation>Beides: Es wird gebeten, den Kopf zu drehen, und ein Modell sucht nach Bildern und Bildschirmen. Was durchkommt, muss beide täuschen: eine Aufnahme durch Zufall, oder Clips, die jemand steuert.</translation>
    </message>
    <message>
        <source>This is the site's setting.</source>
        <translation>So ist dieser Standort eingestellt.</translation>
    </message>
    <message>
        <source>This was chosen when the kiosk was started, whatever the settings say.</source>
        <translation>So wurde es beim Start des Kiosks gewählt, gleich was eingestellt ist.</translation>
    </message>
    <message>
        <source>This is the settings' choice for this hour.</source>
        <translation>So ist es für diese Stunde eingestellt.</translation>
    </message>
    <message>
        <source>This holds for whoever has just shown a badge, and not for others.</source>
        <translation>Das gilt für die Person, die gerade einen Ausweis gezeigt hat, und für keine andere.</translation>
    </message>
    <message>
        <source>{address} (drawn on the screen: no real door is moved)</source>
        <translation>{address} (nur auf dem Bildschirm: keine echte Tür wird bewegt)</translation>
    </message>
    <message>
        <source>The new PIN holds from now on.</source>
        <translation>Die neue PIN gilt von jetzt an.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Quit the kiosk? Nobody gets in by face until it is started again.</source>
        <translation>Programm beenden? Mit dem Gesicht kommt niemand hinein, bis es wieder gestartet wird.</translation>
    </message>
    <message>
        <source>How people are recognised</source>
        <translation>Wie Menschen erkannt werden</translation>
    </message>
    <message>
        <source>Is it a living person?</source>
        <translation>Ist es ein lebender Mensch?</translation>
    </message>
    <message>
        <source>The door</source>
        <translation>Die Tür</translation>
    </message>
    <message>
        <source>These are set when the kiosk is started, or in its settings.</source>
        <translation>Das wird beim Start des Programms oder in den Einstellungen festgelegt.</translation>
    </message>
</context><context>
    <name>TimeField</name>
    <message>
        <source>A quarter of an hour earlier</source>
        <translation>Eine Viertelstunde früher</translation>
    </message>
    <message>
        <source>A quarter of an hour later</source>
        <translation>Eine Viertelstunde später</translation>
    </message>
</context><context>
    <name>WindowEditor</name>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Bis</translation>
    </message>
    <message>
        <source>Remove this window</source>
        <translation>Dieses Zeitfenster entfernen</translation>
    </message>
    <message>
        <source>to</source>
        <translation>bis</translation>
    </message>
    <message>
        <source>Choose at least one day.</source>
        <translation>Bitte wählen Sie mindestens einen Tag.</translation>
    </message>
    <message>
        <source>Times are from 00:00 to 24:00, and differ.</source>
        <translation>Zeiten liegen zwischen 00:00 und 24:00 und sind verschieden.</translation>
    </message>
    <message>
        <source>Ends on the next day.</source>
        <translation>Endet am nächsten Tag.</translation>
    </message>
</context><context>
    <name>ZonePage</name>
    <message>
        <source>The zone over the camera picture</source>
        <translation>Der Bereich über dem Kamerabild</translation>
    </message>
    <message>
        <source>No picture yet</source>
        <translation>Noch kein Bild</translation>
    </message>
    <message>
        <source>Drag an edge, a corner or the whole. Arrow keys move it, with Shift they resize it.</source>
        <translation>Ziehen Sie eine Kante, eine Ecke oder das Ganze. Die Pfeiltasten verschieben ihn, mit Umschalt ändern sie die Größe.</translation>
    </message>
    <message>
        <source>Only faces whose middle lies inside the frame are looked at. Leave out whoever merely passes by.</source>
        <translation>Nur Gesichter, deren Mitte im Rahmen liegt, werden angesehen. Lassen Sie aus, wer nur vorbeigeht.</translation>
    </message>
    <message>
        <source>Keep this zone</source>
        <translation>Diesen Bereich behalten</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Back to the zone that is in force</source>
        <translation>Zurück zum geltenden Bereich</translation>
    </message>
    <message>
        <source>Whole picture</source>
        <translation>Ganzes Bild</translation>
    </message>
    <message>
        <source>Look at everybody in the picture</source>
        <translation>Alle im Bild ansehen</translation>
    </message>
    <message>
        <source>The zone is in force from now on.</source>
        <translation>Der Bereich gilt von jetzt an.</translation>
    </message>
    <message>
        <source>{width} % of the width, {height} % of the height</source>
        <translation>{width} % der Breite, {height} % der Höhe</translation>
    </message>
</context></TS>
